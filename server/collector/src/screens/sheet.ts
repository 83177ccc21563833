// The feedback sheet (现场反馈单) of a visit: on the screen at once, printable, as a picture, and as a QR code.
import type { Draft } from '../contract';
import { asPicture } from './sheet_share';
import { t } from '../words';
import { link, type App, type View } from './app';
import { button, h, type Child } from './dom';
import { show } from './findings';
import { lightBadge } from './lights';
import { qrCode } from './qr';
import { sheetContent, type SheetContent, type SheetFinding } from './sheet_content';
import { unitName } from './titles';

// WeChat's own browser does nothing when it is asked to print.
const prints = (): boolean => !/MicroMessenger/i.test(navigator.userAgent);

export async function sheetScreen(app: App, [id = '']: string[]): Promise<View> {
  const draft = await app.phone.draft(id);
  if (!draft) return { title: t('lost.title'), back: '#/', body: h('p', { class: 'notice' }, t('lost.draft')) };
  const content = sheetContent(draft, await app.phone.draftBody(draft), app.phone.device()?.person.name ?? '');
  const { lights, findings } = content;
  const picture = button(t('sheet.picture'), () => void asPicture(content, (name) => app.phone.file(id, name), picture), { icon: 'share', kind: prints() ? '' : 'btn-main' });
  return {
    title: t('sheet.title'), subtitle: unitName(draft), back: draft.unit ? link('school', draft.unit) : '#/queue',
    body: h('div', { class: 'stack' },
      draft.state === 'draft' ? h('p', { class: 'notice notice-mild no-print' }, t('sheet.unfinished')) : h('p', { class: 'notice notice-good no-print', role: 'status' }, t('sheet.kept')),
      h('div', { class: 'buttons no-print' },
        prints() ? button(t('sheet.print'), () => window.print(), { icon: 'print', kind: 'btn-main' }) : null, picture,
        h('a', { class: 'btn', href: '#/queue' }, t('queue.title'))),
      h('article', { class: 'panel paper' },
        h('h2', { class: 'paper-title' }, t('sheet.title')),
        list(content.facts),
        h('p', { class: 'lights' }, lightBadge('red', lights.red), lightBadge('yellow', lights.yellow), lightBadge('green', lights.green)),
        h('h3', {}, t('sheet.findings', { count: findings.length })),
        findings.length ? h('ol', { class: 'paper-findings' }, findings.map((each, at) => h('li', {}, finding(app, draft, each, at + 1)))) : h('p', {}, t('sheet.findings.none')),
        content.said.length ? list(content.said) : null, signatures(app, draft, content),
        h('p', { class: 'small muted' }, t('sheet.note')),
        h('div', { class: 'paper-foot' }, qrCode(content.code, t('sheet.qr')), h('div', {}, h('p', {}, t('sheet.qr.words')), h('p', { class: 'small muted' }, draft.id))))),
  };
}

const list = (rows: [string, string][]): HTMLElement => h('dl', { class: 'facts' }, rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));

function finding(app: App, draft: Draft, each: SheetFinding, number: number): HTMLElement {
  return h('div', { class: 'paper-finding' },
    h('p', {}, `${number}. `, lightBadge(each.light), ' ', h('b', {}, each.title)),
    each.fact ? h('p', {}, each.fact) : null,
    h('p', { class: 'small muted' }, each.small),
    each.photos.length ? h('div', { class: 'photos' }, each.photos.map((name) => photo(app, draft, name, t('photo.alt')))) : null);
}

function photo(app: App, draft: Draft, name: string, words: string): HTMLImageElement {
  const image = h('img', { alt: words });
  void app.phone.file(draft.id, name).then((blob) => (blob ? show(image, blob) : image.remove()));
  return image;
}

function signatures(app: App, draft: Draft, { signs }: SheetContent): Child {
  return h('div', { class: 'paper-signs' }, signs.map(({ words, file }) =>
    h('div', { class: 'paper-sign' }, h('span', {}, words), file ? photo(app, draft, file, words) : h('span', { class: 'paper-line' }))));
}
