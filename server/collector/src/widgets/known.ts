// What was answered last time, offered beside a question: one tap takes it over, marked as confirmed, not re-observed.
import type { FormSession, ItemMeaning, KnownAnswers } from '../contract';
import { h, icon } from '../screens/dom';
import { day, pick, t } from '../words';
import { place } from './kit';

export type Known = KnownAnswers['answers'][number];

export function knownChip(question: HTMLElement, item: ItemMeaning, known: Known, session: FormSession): void {
  const words = () => {
    const choice = item.choices.find((each) => each.value === known.value);
    return choice ? pick(choice.words) : known.value;
  };
  const chip = h('button', { type: 'button', class: 'btn chip' });
  const note = h('p', { class: 'chip-note small', role: 'status', hidden: true });
  const draw = () => {
    const values = { value: words(), on: known.on ? t('known.on', { on: day(known.on) }) : '' };
    chip.replaceChildren(icon('check'), h('span', {}, t(known.source === 'admin' ? 'known.take.admin' : 'known.take.visit', values)));
    note.textContent = t('known.taken', values);
  };
  let taken = false;
  const same = () => session.value(item.name) === known.value;
  const state = () => {
    if (!same()) taken = false;
    chip.hidden = taken || session.value(item.name) !== '';
    note.hidden = !taken;
    question.classList.toggle('is-confirmed', taken);
  };
  chip.addEventListener('click', () => {
    session.setValue(item.name, known.value);
    session.confirmed(item.name);
    taken = true;
    state();
    note.tabIndex = -1;
    note.focus();
  });
  // The engine hears of a change after this question does.
  question.addEventListener('change', () => window.setTimeout(state));
  question.closest('form')?.addEventListener('relabel', draw);
  draw();
  state();
  place(question, h('div', { class: 'known' }, chip, note));
}
