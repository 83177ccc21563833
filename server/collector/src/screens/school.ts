// One school: what is open there, what was answered last time, what can be filled in now.
import type { FormEntry, KnownAnswers, OpenFinding, School } from '../contract';
import { day, pick, t } from '../words';
import { link, type App, type View } from './app';
import { h, icon } from './dom';
import { draftRow } from './drafts';
import { findingCard } from './findings';
import { ask } from './overlay';
import { remember } from './prefs';
import { startRecheck } from './recheck';
import { formTitle } from './titles';

const OF_SCHOOLS = ['regular', 'thematic', 'school_return'];

export async function schoolScreen(app: App, [code = '']: string[]): Promise<View> {
  const pack = app.phone.package();
  const school = pack?.schools.find((each) => each.code === code);
  if (!pack || !school) return { title: t('lost.title'), back: '#/', body: h('p', { class: 'notice' }, t('lost.school')) };
  remember(code);
  const findings = pack.findings.filter((each) => each.unit === code);
  const drafts = (await app.phone.drafts()).filter((draft) => draft.unit === code && draft.state === 'draft');
  const known = pack.known.filter((each) => each.unit === code);
  return {
    title: pick({ zh: school.name, en: school.name_en }),
    subtitle: [school.town, school.code].filter(Boolean).join(' · '),
    back: '#/',
    body: h('div', { class: 'stack' },
      drafts.length ? h('section', { class: 'panel panel-flush' }, h('div', { class: 'head' }, h('h2', {}, t('home.drafts', { count: drafts.length }))),
        h('ul', { class: 'rows' }, drafts.map(draftRow))) : null,
      startPanel(app, school, pack.forms, findings),
      findingsPanel(app, findings),
      known.length ? await lastAnswers(app, known) : null),
  };
}

function startPanel(app: App, school: School, forms: readonly FormEntry[], findings: readonly OpenFinding[]): HTMLElement {
  const entries = forms.filter((entry) => OF_SCHOOLS.includes(entry.kind));
  const recheck = forms.find((entry) => entry.kind === 'recheck');
  return h('section', { class: 'panel panel-flush', 'aria-labelledby': 'start-head' },
    h('div', { class: 'head' }, h('h2', { id: 'start-head' }, t('school.start'))),
    h('ul', { class: 'rows' },
      recheck && findings.length ? h('li', {}, h('button', { type: 'button', class: 'row row-strong', onclick: () => void startRecheck(app, recheck, school, findings) },
        h('span', { class: 'grow' }, h('b', {}, pick(recheck.title)), h('span', { class: 'muted small line' }, t('school.recheck', { count: findings.length }))), icon('forward'))) : null,
      entries.map((entry) => h('li', {}, h('button', { type: 'button', class: 'row', onclick: () => void start(app, entry, school) },
        h('span', { class: 'grow' }, pick(entry.title)), icon('plus'))))));
}

/** Begins a checklist; where one is already begun for this school, asks whether that one is meant. */
async function start(app: App, entry: FormEntry, school: School): Promise<void> {
  const begun = (await app.phone.drafts()).find((draft) => draft.state === 'draft' && draft.form_id === entry.form_id && draft.unit === school.code);
  if (begun && !(await ask(t('school.again'), t('school.again.words', { title: pick(entry.title) }), t('school.again.new')))) {
    app.go(link('fill', begun.id));
    return;
  }
  const draft = await app.phone.create({ form_id: entry.form_id, school });
  app.go(link('fill', draft.id));
}

function findingsPanel(app: App, findings: readonly OpenFinding[]): HTMLElement {
  const ordered = [...findings].sort((one, other) => other.severity - one.severity || one.due_on.localeCompare(other.due_on));
  return h('section', { class: 'panel', 'aria-labelledby': 'findings-head' },
    h('h2', { id: 'findings-head' }, t('school.findings', { count: findings.length })),
    ordered.length ? h('ul', { class: 'cards' }, ordered.map((finding) => h('li', {}, findingCard(app, finding)))) : h('p', { class: 'muted' }, t('school.findings.none')));
}

/** The answers of the last visit, in the words of the checklist where it is on this phone. */
async function lastAnswers(app: App, known: readonly KnownAnswers[]): Promise<HTMLElement> {
  const parts = [];
  for (const each of known) {
    const body = await app.phone.body(each.form_id).catch(() => null);
    if (!body) continue;
    const items = new Map(body.items.map((item) => [item.name, item]));
    const rows = each.answers.map((answer) => {
      const item = items.get(answer.item);
      if (!item) return null;
      const choice = item.choices.find((one) => one.value === answer.value);
      return [h('dt', {}, pick(item.words)), h('dd', {}, choice ? pick(choice.words) : answer.value, ' ',
        h('span', { class: 'muted small' }, t(answer.source === 'admin' ? 'known.admin' : 'known.visit', { on: answer.on ? ` ${day(answer.on)}` : '' })))];
    });
    parts.push(h('details', { class: 'panel' }, h('summary', {}, t('school.last', { title: formTitle(each.form_id), count: each.answers.length })),
      h('dl', { class: 'answers' }, rows)));
  }
  return h('div', { class: 'stack' }, parts);
}
