// A re-check (F12): one entry for each open finding, its number and indicator filled in.
import type { FormBody, FormEntry, FormSession, ItemMeaning, OpenFinding, School } from '../contract';
import { pick, t } from '../words';
import { link, type App } from './app';
import { h } from './dom';
import { findingCard, severityWords } from './findings';
import type { NewDraft } from './ports';
import { sheet } from './overlay';

/** The question for a finding's number: the first text of the repeat. The long list behind it is the indicator's. */
const codeOf = (body: FormBody): ItemMeaning | undefined =>
  body.items.find((item) => item.repeat && item.role === 'item' && (item.type === 'text' || item.type === 'string'));

/** What a re-check begins with: a row for each finding; its first two numbers are how many there are and are due. */
export function prefill(body: FormBody, findings: readonly OpenFinding[], today: string): NonNullable<NewDraft['answers']> {
  const rows = body.items.filter((item) => item.repeat && item.role === 'item');
  const code = codeOf(body);
  const indicator = code && rows.slice(rows.indexOf(code)).find((item) => item.type.startsWith('select') && !item.choices.length);
  const counts = body.items.filter((item) => !item.repeat && item.role === 'item' && ['int', 'integer'].includes(item.type));
  const answers: NonNullable<NewDraft['answers']> = [];
  if (counts[0]) answers.push({ item: counts[0].name, value: String(findings.length) });
  if (counts[1]) answers.push({ item: counts[1].name, value: String(findings.filter((each) => each.due_on && each.due_on <= today).length) });
  findings.forEach((finding, row) => {
    if (code) answers.push({ item: code.name, value: finding.code, row });
    if (indicator && finding.indicator) answers.push({ item: indicator.name, value: finding.indicator, row });
  });
  return answers;
}

/** Lets the inspector choose which findings to re-check, all of them at first, and begins. */
export function startRecheck(app: App, entry: FormEntry, school: School, findings: readonly OpenFinding[]): void {
  const boxes = findings.map((finding) => ({ finding, box: h('input', { type: 'checkbox', checked: true }) }));
  const begin = async (event: Event) => {
    event.preventDefault();
    const chosen = boxes.filter(({ box }) => box.checked).map(({ finding }) => finding);
    const body = await app.phone.body(entry.form_id);
    const answers = prefill(body, chosen, new Date().toISOString().slice(0, 10));
    const draft = await app.phone.create({ form_id: entry.form_id, school, answers });
    opened.close();
    app.go(link('fill', draft.id));
  };
  const opened = sheet(t('recheck.title'), h('form', { class: 'stack', onsubmit: (event) => void begin(event) }, h('p', { class: 'muted' }, t('recheck.words')),
    h('ul', { class: 'ticks' }, boxes.map(({ finding, box }) => h('li', {}, h('label', { class: 'tick' }, box,
      h('span', { class: 'grow' }, h('b', {}, pick(finding.title)), h('span', { class: 'muted small line' }, `${finding.code} · ${severityWords(finding.severity)}`)))))),
    h('button', { type: 'submit', class: 'btn btn-main btn-wide' }, t('recheck.begin'))));
}

/** Beside each row of a re-check, the finding it is about with its old photos. */
export function oldFindings(app: App, session: FormSession, body: FormBody, findings: readonly OpenFinding[]): void {
  const known = new Map(findings.map((finding) => [finding.code, finding]));
  const code = codeOf(body);
  if (!code || !known.size) return;
  const row = (element: HTMLElement, at: number) => {
    const finding = known.get(session.value(code.name, at + 1));
    element.querySelector('.old-finding')?.remove();
    if (!finding) return;
    const old = h('aside', { class: 'old-finding', 'aria-label': t('recheck.old') }, findingCard(app, finding));
    const number = element.querySelector(':scope > .repeat-number');
    if (number) number.after(old);
    else element.prepend(old);
  };
  const all = () => session.root.querySelectorAll<HTMLElement>(`.or-repeat[name="${CSS.escape(code.repeat)}"]`).forEach(row);
  // The engine hears of a change after this does.
  session.root.addEventListener('change', (event) => {
    if ((event.target as Element).getAttribute('name') === code.path) window.setTimeout(all);
  });
  session.root.addEventListener('addrepeat', all);
  session.root.addEventListener('removerepeat', () => window.setTimeout(all));
  session.root.addEventListener('relabel', all);
  all();
}
