// Puts our widgets over the form's own controls: once per question, again for each row that is added to a repeat.
import type { Package } from '../contract';
import { answers, several } from './answers';
import { barcode } from './barcode';
import { knownChip, type Known } from './known';
import { icon } from '../screens/dom';
import { t, type Key } from '../words';
import { controlOf, itemsByPath, named, pathOf, relabel, word, type Control, type WidgetContext } from './kit';
import { stepper } from './number';
import { photo } from './photo';
import { picker } from './picker';
import { position } from './position';
import { signature } from './signature';
import { dictation, voice } from './voice';

export { relabel } from './kit';
export type { WidgetContext } from './kit';

const LONG_LIST = 12;

export function enhance(context: WidgetContext, pack: Package | null): void {
  const { session } = context;
  const { root } = session;
  const items = itemsByPath(context.body);
  const known = new Map<string, Known>();
  for (const each of pack?.known ?? []) {
    if (each.unit === context.school?.code && each.form_id === context.body.form_id) each.answers.forEach((answer) => known.set(answer.item, answer));
  }
  const all = (below: Element) => below.querySelectorAll<HTMLElement>('.question').forEach((question) => one(question));
  const one = (question: HTMLElement) => {
    if (question.dataset.widgets || question.classList.contains('unit-question')) return;
    const control = controlOf(question);
    if (!control) return;
    question.dataset.widgets = 'yes';
    frame(question, control);
    const item = items.get(pathOf(control));
    if (item?.type === 'note') { question.classList.add('is-note'); return; }
    if (control instanceof HTMLInputElement && control.readOnly && !item?.choices.length) system(question, control);
    if (item?.companion_of) question.classList.add('is-companion');
    widget(question, control, item?.name ?? pathOf(control).split('/').pop()!, item, context);
    const offered = item && !item.repeat ? known.get(item.name) : undefined;
    if (item && offered) knownChip(question, item, offered, session);
  };
  all(root);
  rows(root);
  root.addEventListener('addrepeat', (event) => {
    all(event.target as Element);
    rows(root);
  });
}

/** The engine's buttons that add and remove a row have no words of their own. */
function rows(root: Element): void {
  root.querySelectorAll<HTMLElement>('.add-repeat-btn:not([data-words])').forEach((button) => {
    button.dataset.words = 'yes';
    button.replaceChildren(icon('plus'), word('row.add'));
  });
  root.querySelectorAll<HTMLElement>('.repeat-buttons .remove:not([data-words])').forEach((button) => {
    button.dataset.words = 'yes';
    button.replaceChildren(icon('trash'), word('row.remove'));
  });
}

const ACTIVE = 'button, input, select, textarea, a, audio, canvas';

/** The engine's messages in our words; a tap beside a widget must not open the file chooser that its label would. */
function frame(question: HTMLElement, control: Control): void {
  question.querySelectorAll<HTMLElement>('[data-i18n]').forEach((message) => {
    message.dataset.word = message.classList.contains('or-required-msg') ? 'widget.required' : 'widget.wrong';
    message.textContent = t(message.dataset.word as Key);
  });
  if (question.tagName !== 'LABEL') return;
  named(question, control);
  question.addEventListener('click', (event) => {
    if (!(event.target as Element).closest(ACTIVE)) event.preventDefault();
  });
}

/** What the office fills in is hidden while there is nothing in it. */
function system(question: HTMLElement, control: HTMLInputElement): void {
  
  const draw = () => {
    question.classList.toggle('is-system', !control.value);
    // The engine looks only once whether there is something to read.
    if (control.value) control.removeAttribute('aria-hidden');
  };
  control.addEventListener('change', draw);
  control.addEventListener('inputupdate', draw);
  draw();
}

function widget(question: HTMLElement, control: HTMLElement, name: string, item: Parameters<typeof answers>[1], context: WidgetContext): void {
  if (control instanceof HTMLSelectElement) {
    if (control.multiple) several(question, control);
    else if (control.options.length > LONG_LIST) picker(question, control);
    else control.querySelector<HTMLOptionElement>('option[value=""]')?.setAttribute('data-word', 'picker.choose');
    relabel(question);
    return;
  }
  if (control instanceof HTMLTextAreaElement) { dictation(control); return; }
  if (!(control instanceof HTMLInputElement)) return;
  const media = control.type === 'file' || control.dataset.drawing ? control.accept || 'image/*' : '';
  const kind = control.dataset.typeXml ?? '';
  if (media) file(question, control, name, media, context);
  else if (control.type === 'radio' || control.type === 'checkbox') answers(question, item);
  else if (control.hasAttribute('list')) picker(question, control);
  else if (kind === 'geopoint') position(question, control, context);
  else if (kind === 'barcode') barcode(question, control);
  else if (kind === 'int' || kind === 'decimal' || control.type === 'number') stepper(control, kind !== 'decimal');
  else if (control.type === 'text' && kind === 'string' && !control.readOnly) dictation(control);
}

function file(question: HTMLElement, control: HTMLInputElement, name: string, media: string, context: WidgetContext): void {
  control.hidden = true;
  if (media.startsWith('audio')) voice(question, name, context);
  else if (question.matches('.or-appearance-signature')) signature(question, name, context);
  else photo(question, name, context);
}
