// What every widget shares: the questions it stands in, putting a value into the form, words that change language.
import type { FormBody, FormSession, ItemMeaning, Package, School } from '../contract';
import { h, icon, newId, type Attributes, type Child, type Icon } from '../screens/dom';
import { t, type Key } from '../words';

export type WidgetContext = { session: FormSession; body: FormBody; settings: Package['settings']; school: School | null };

export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Puts a value into the form's own control, as if the person had typed it. */
export function setControl(control: Control, value: string): void {
  if (control.value === value) return;
  control.value = value;
  control.dispatchEvent(new Event('input', { bubbles: true }));
  control.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Text that is written anew when the language changes. */
export function word(key: Key, attributes: Attributes = {}): HTMLElement {
  return h('span', { 'data-word': key, ...attributes }, t(key));
}

export function wordButton(key: Key, action: (event: Event) => void, options: { icon?: Icon; kind?: string; attributes?: Attributes } = {}): HTMLButtonElement {
  return h('button', { type: 'button', class: `btn ${options.kind ?? ''}`.trim(), onclick: action, ...options.attributes },
    options.icon && icon(options.icon), word(key));
}

export function namedButton(name: Icon, key: Key, action: (event: Event) => void, attributes: Attributes = {}): HTMLButtonElement {
  return h('button', { type: 'button', class: 'btn-icon', 'aria-label': t(key), 'data-word-label': key, onclick: action, ...attributes }, icon(name));
}

/** Writes all words of widgets anew. */
export function relabel(root: Element): void {
  root.querySelectorAll<HTMLElement>('[data-word]').forEach((element) => { element.textContent = t(element.dataset.word as Key); });
  root.querySelectorAll<HTMLElement>('[data-word-label]').forEach((element) => { element.setAttribute('aria-label', t(element.dataset.wordLabel as Key)); });
  root.dispatchEvent(new CustomEvent('relabel'));
}

const CONTROL = 'input:not(.ignore):not([type="hidden"]), select:not(.ignore), textarea:not(.ignore)';

export const controlOf = (question: Element): Control | null => question.querySelector<Control>(CONTROL);

export const pathOf = (control: Element): string => control.getAttribute('data-name') || control.getAttribute('name') || '';

/** Names an element by its question's label in the language that is read now. */
export function named<E extends Element>(question: Element, element: E): E {
  const name = () => {
    const label = question.querySelector('.question-label.active') ?? question.querySelector('.question-label');
    if (!label) return;
    if (!label.id) label.id = newId('question');
    element.setAttribute('aria-labelledby', label.id);
  };
  name();
  question.closest('form')?.addEventListener('relabel', name);
  return element;
}

/** A widget's parts as one group, so that a screen reader says which question they belong to. */
export function group(question: Element, kind: string, ...children: Child[]): HTMLElement {
  return named(question, h('div', { class: `widget ${kind}`, role: 'group' }, ...children));
}

/** The place for a widget in a question: behind its label and hint, before messages. */
export function place(question: Element, element: Element): void {
  const message = question.querySelector('.or-constraint-msg, .or-required-msg');
  if (message) message.before(element);
  else question.append(element);
}

/** Buttons left and right of a control, which stays where it is: the engine enables only a question's own children. */
export function beside(control: Control, before: Element | null, after: Element | null): void {
  if (before) control.before(before);
  if (after) control.after(after);
  control.parentElement!.classList.add('with-sides');
}

/** The row of a repeat that a question stands in, counted from 1; 0 outside. */
function rowOf(question: Element): number {
  const row = question.closest('.or-repeat');
  if (!row) return 0;
  const name = row.getAttribute('name');
  return [...row.parentElement!.children].filter((each) => each.matches('.or-repeat') && each.getAttribute('name') === name).indexOf(row) + 1;
}

/** A question whose answer is a file: the bytes go to the session, which keeps them before it names them. */
export type FileAnswer = { name(): string; read(): Promise<Blob | null>; keep(blob: Blob): Promise<void>; clear(): Promise<void> };

export function fileAnswer(question: Element, item: string, { session }: WidgetContext): FileAnswer {
  return {
    name: () => session.value(item, rowOf(question)),
    read: () => session.fileOf(item, rowOf(question)),
    keep: async (blob) => { await session.attach(item, blob, rowOf(question)); },
    clear: () => session.detach(item, rowOf(question)),
  };
}

export const itemsByPath = (body: FormBody): Map<string, ItemMeaning> => new Map(body.items.map((item) => [item.path, item]));
