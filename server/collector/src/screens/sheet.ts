// The feedback sheet (现场反馈单) of a visit: on the screen at once, printable, and as a QR code for the school.
import type { Draft, FormBody, Proposed } from '../contract';
import { propose, tally } from '../engine/findings';
import { parseInstance, readAnswers, type Answer } from '../engine/instance';
import { moment, pick, t } from '../words';
import { link, type App, type View } from './app';
import { button, h, type Child } from './dom';
import { severityWords, show } from './findings';
import { lightBadge, lightWord } from './lights';
import { fitting, qrCode } from './qr';
import { titleOf } from './signoff';
import { unitName } from './titles';

export async function sheetScreen(app: App, [id = '']: string[]): Promise<View> {
  const draft = await app.phone.draft(id);
  if (!draft) return { title: t('lost.title'), back: '#/', body: h('p', { class: 'notice' }, t('lost.draft')) };
  const body = await app.phone.draftBody(draft);
  const answers = readAnswers(parseInstance(draft.xml).documentElement, body.items);
  const proposed = propose(body, answers);
  const score = tally(body.items, answers, 0);
  const visit = new Visit(body, answers);
  return {
    title: t('sheet.title'), subtitle: unitName(draft), back: draft.unit ? link('school', draft.unit) : '#/queue',
    body: h('div', { class: 'stack' },
      draft.state === 'draft' ? h('p', { class: 'notice notice-mild no-print' }, t('sheet.unfinished')) : h('p', { class: 'notice notice-good no-print', role: 'status' }, t('sheet.kept')),
      h('div', { class: 'buttons no-print' }, button(t('sheet.print'), () => window.print(), { icon: 'print', kind: 'btn-main' }),
        h('a', { class: 'btn', href: '#/queue' }, t('queue.title'))),
      h('article', { class: 'panel paper' },
        h('h2', { class: 'paper-title' }, t('sheet.title')),
        facts(app, draft, body, visit),
        h('p', { class: 'lights' }, lightBadge('red', score.red), lightBadge('yellow', score.yellow), lightBadge('green', score.green)),
        h('h3', {}, t('sheet.findings', { count: proposed.length })),
        proposed.length ? h('ol', { class: 'paper-findings' }, proposed.map((each, at) => h('li', {}, finding(app, draft, each, at + 1)))) : h('p', {}, t('sheet.findings.none')),
        said(visit), signatures(app, draft, visit),
        h('p', { class: 'small muted' }, t('sheet.note')),
        h('div', { class: 'paper-foot' }, qrCode(summary(draft, proposed, score), t('sheet.qr')), h('div', {}, h('p', {}, t('sheet.qr.words')), h('p', { class: 'small muted' }, draft.id))))),
  };
}

/** The answers of the common header and footer, by the names they have in every full checklist. */
class Visit {
  constructor(private readonly body: FormBody, private readonly answers: readonly Answer[]) {}

  value(name: string): string {
    return this.answers.find((each) => each.item === name)?.value ?? '';
  }

  words(name: string): string {
    const value = this.value(name);
    const choice = this.body.items.find((each) => each.name === name)?.choices.find((each) => each.value === value);
    return choice ? pick(choice.words) : value;
  }
}

function facts(app: App, draft: Draft, body: FormBody, visit: Visit): HTMLElement {
  const rows: [string, Child][] = [
    [t('sheet.school'), `${unitName(draft)}${draft.unit ? ` (${draft.unit})` : ''}`],
    [t('sheet.at'), moment(visit.value('hd_a01') || draft.created_at, new Date(0))],
    [t('sheet.checklist'), `${pick(body.title)} · ${draft.version}`],
    [t('sheet.inspector'), app.phone.device()?.person.name ?? ''],
  ];
  if (visit.value('hd_a05')) rows.push([t('sheet.kind'), visit.words('hd_a05')]);
  if (visit.value('hd_a15')) rows.push([t('sheet.host'), visit.words('hd_a15')]);
  return h('dl', { class: 'facts' }, rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

function finding(app: App, draft: Draft, each: Proposed, number: number): HTMLElement {
  return h('div', { class: 'paper-finding' },
    h('p', {}, `${number}. `, lightBadge(each.light), ' ', h('b', {}, titleOf(each))),
    each.fact && each.fact !== pick(each.words) ? h('p', {}, each.fact) : null,
    h('p', { class: 'small muted' }, [severityWords(each.severity), t('signoff.days', { days: each.days }), each.veto ? t('signoff.veto') : ''].filter(Boolean).join(' · ')),
    each.photos.length ? h('div', { class: 'photos' }, each.photos.map((name) => picture(app, draft, name, t('photo.alt')))) : null);
}

function picture(app: App, draft: Draft, name: string, words: string): HTMLImageElement {
  const image = h('img', { alt: words });
  void app.phone.file(draft.id, name).then((blob) => (blob ? show(image, blob) : image.remove()));
  return image;
}

function said(visit: Visit): Child {
  const rows: [string, string][] = [
    [t('sheet.highlight'), visit.value('ft_a01')], [t('sheet.agrees'), visit.value('ft_a11') ? visit.words('ft_a11') : ''], [t('sheet.statement'), visit.value('ft_a12')],
  ];
  const given = rows.filter(([, value]) => value);
  return given.length ? h('dl', { class: 'facts' }, given.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])) : null;
}

function signatures(app: App, draft: Draft, visit: Visit): Child {
  const made = ([['sheet.sign.inspector', 'ft_a13'], ['sheet.sign.school', 'ft_a14']] as const).map(([key, item]) =>
    h('div', { class: 'paper-sign' }, h('span', {}, t(key)), visit.value(item) ? picture(app, draft, visit.value(item), t(key)) : h('span', { class: 'paper-line' })));
  return h('div', { class: 'paper-signs' }, made);
}

/** The sheet in a few lines of text, for any phone's camera without a network. */
function summary(draft: Draft, proposed: readonly Proposed[], score: { red: number; yellow: number; green: number }): string {
  const head = [`${t('sheet.title')} ${unitName(draft)} ${draft.unit}`.trim(), `${draft.form_id} ${draft.version} ${moment(draft.created_at, new Date(0))}`,
    `${lightWord('red')} ${score.red} ${lightWord('yellow')} ${score.yellow} ${lightWord('green')} ${score.green}`];
  const lines = proposed.map((each, at) => `${at + 1}. [${lightWord(each.light)}] ${each.fact || pick(each.words)} (${t('signoff.days', { days: each.days })})`);
  return fitting([...head, ...lines], draft.id);
}
