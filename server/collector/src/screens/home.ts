// Home: today's schools, what is being filled in, and every school of mine to search.
import type { Draft, OpenFinding, School } from '../contract';
import { pick, t } from '../words';
import { link, type App, type View } from './app';
import { fill, h, icon, iconButton, quietly } from './dom';
import { draftRow } from './drafts';
import { readPrefs, todaysSchools, toggleToday } from './prefs';
import { buildIndex, search, type Index } from './search';

let kept: { made: string; index: Index } | null = null;

/** The index of my schools, made again only when the package is another. */
function indexOf(app: App): Index {
  const pack = app.phone.package();
  if (!pack) return [];
  if (kept?.made !== `${pack.made_at}/${pack.schools.length}`) kept = { made: `${pack.made_at}/${pack.schools.length}`, index: buildIndex(pack.schools) };
  return kept.index;
}

let asked = '';

export async function homeScreen(app: App): Promise<View> {
  const pack = app.phone.package();
  const drafts = (await app.phone.drafts()).filter((draft) => draft.state === 'draft');
  if (!pack) return { title: t('home.title'), body: nothingYet(app) };
  const findings = countFindings(pack.findings);
  const index = indexOf(app);
  const results = h('div', { class: 'panel panel-flush' });
  const input = h('input', { class: 'input', type: 'search', id: 'school-search', placeholder: t('home.search.hint'), autocomplete: 'off', enterkeyhint: 'search', 'data-focus': 'search' });
  input.value = asked;
  const show = () => {
    asked = input.value;
    fill(results, schoolList(app, index, asked, findings));
  };
  input.addEventListener('input', quietly(show, 60));
  show();
  return {
    title: t('home.title'),
    subtitle: app.phone.device()?.person.name ?? '',
    body: h('div', { class: 'stack' }, await alerts(app), todayPanel(app, pack.schools, findings), drafts.length ? draftsPanel(drafts) : null,
      h('section', { 'aria-labelledby': 'schools-head', class: 'stack' },
        h('h2', { id: 'schools-head' }, t('home.schools', { count: pack.schools.length })),
        h('div', { class: 'searchbox' }, h('label', { for: 'school-search', class: 'unseen' }, t('home.search')), icon('search'), input), results),
      generalForms(app), h('p', {}, h('a', { href: '#/help' }, t('help.title')))),
  };
}

function nothingYet(app: App): HTMLElement {
  return h('div', { class: 'panel' }, h('h2', {}, t('home.nothing')), h('p', {}, t('home.nothing.words')),
    h('button', { type: 'button', class: 'btn btn-main btn-wide', onclick: () => void app.phone.refresh().then(() => app.show()) }, t('phone.refresh')));
}

async function alerts(app: App): Promise<HTMLElement | null> {
  const counts = await app.counts();
  const lines = [
    counts.refused ? h('p', { class: 'notice notice-bad' }, h('a', { href: '#/queue' }, t('home.refused', { count: counts.refused }))) : null,
    counts.returned ? h('p', { class: 'notice notice-mild' }, h('a', { href: '#/returned' }, t('home.returned', { count: counts.returned }))) : null,
    counts.queue ? h('p', { class: 'notice' }, h('a', { href: '#/queue' }, t('home.queue', { count: counts.queue }))) : null,
  ].filter(Boolean);
  return lines.length ? h('div', { class: 'stack stack-tight' }, lines) : null;
}

type Found = Map<string, { count: number; worst: number; due: string }>;

function countFindings(findings: readonly OpenFinding[]): Found {
  const counted: Found = new Map();
  for (const finding of findings) {
    const kept = counted.get(finding.unit) ?? { count: 0, worst: 0, due: '' };
    kept.count += 1;
    kept.worst = Math.max(kept.worst, finding.severity);
    if (finding.due_on && (!kept.due || finding.due_on < kept.due)) kept.due = finding.due_on;
    counted.set(finding.unit, kept);
  }
  return counted;
}

function todayPanel(app: App, schools: readonly School[], findings: Found): HTMLElement {
  const codes = todaysSchools(readPrefs());
  const picked = schools.filter((school) => codes.includes(school.code));
  return h('section', { class: 'panel panel-flush', 'aria-labelledby': 'today-head' },
    h('div', { class: 'head' }, h('h2', { id: 'today-head' }, t('home.today', { count: picked.length }))),
    picked.length ? h('ul', { class: 'rows' }, picked.map((school) => schoolRow(app, school, findings, true)))
      : h('p', { class: 'nothing' }, t('home.today.none')));
}

function draftsPanel(drafts: readonly Draft[]): HTMLElement {
  return h('section', { class: 'panel panel-flush', 'aria-labelledby': 'drafts-head' },
    h('div', { class: 'head' }, h('h2', { id: 'drafts-head' }, t('home.drafts', { count: drafts.length }))),
    h('ul', { class: 'rows' }, drafts.map((draft) => draftRow(draft))));
}

function schoolList(app: App, index: Index, question: string, findings: Found): HTMLElement {
  const limit = question ? 50 : 8;
  const ordered = question ? index : recentFirst(index);
  const { found, total } = search(ordered, question, limit);
  if (!total) return h('p', { class: 'nothing', role: 'status' }, t('home.search.none', { question }));
  return h('div', {}, h('ul', { class: 'rows' }, found.map((school) => schoolRow(app, school, findings, false))),
    h('p', { class: 'more muted small', role: 'status' }, total > found.length ? t('home.search.more', { shown: found.length, total }) : t('home.search.all', { total })));
}

function recentFirst(index: Index): Index {
  const recent = readPrefs().recent;
  if (!recent.length) return index;
  const place = new Map(recent.map((code, at) => [code, at]));
  return [...index].sort((one, other) => (place.get(one.school.code) ?? 99) - (place.get(other.school.code) ?? 99));
}

function schoolRow(app: App, school: School, findings: Found, today: boolean): HTMLElement {
  const open = findings.get(school.code);
  const picked = today || todaysSchools(readPrefs()).includes(school.code);
  const name = pick({ zh: school.name, en: school.name_en });
  const overdue = open?.due && open.due < new Date().toISOString().slice(0, 10);
  return h('li', { class: 'split' },
    h('a', { class: 'row', href: link('school', school.code) },
      h('span', { class: 'grow' }, h('b', {}, name), h('span', { class: 'muted small line' }, [school.town, school.code].filter(Boolean).join(' · ')),
        open ? h('span', { class: 'tags' }, h('span', { class: `tag ${open.worst >= 3 ? 'tag-red' : 'tag-yellow'}` }, t('home.findings', { count: open.count })),
          overdue ? h('span', { class: 'tag tag-red' }, t('finding.overdue')) : null) : null)),
    iconButton('star', picked ? t('home.today.remove', { name }) : t('home.today.add', { name }),
      () => { toggleToday(school.code); void app.show(); }, { class: `btn-icon star${picked ? ' star-on' : ''}`, 'aria-pressed': String(picked), 'data-focus': `star-${today ? 't' : 's'}-${school.code}` }));
}

/** Checklists that belong to no school can be begun from here. */
function generalForms(app: App): HTMLElement | null {
  const entries = (app.phone.package()?.forms ?? []).filter((entry) => entry.kind === 'survey' || entry.kind === 'department_return');
  if (!entries.length) return null;
  return h('section', { class: 'panel panel-flush' }, h('div', { class: 'head' }, h('h2', {}, t('home.general'))),
    h('ul', { class: 'rows' }, entries.map((entry) => h('li', {}, h('button', { type: 'button', class: 'row', onclick: async () => {
      const draft = await app.phone.create({ form_id: entry.form_id, school: null });
      app.go(link('fill', draft.id));
    } }, h('span', { class: 'grow' }, pick(entry.title)), icon('forward'))))));
}
