// Puts our widgets over the form's own controls: once per question, again for each row that is added to a repeat.
import type { Package } from '../contract';
import { answers } from './answers';
import { barcode } from './barcode';
import { knownChip, type Known } from './known';
import { controlOf, itemsByPath, pathOf, type WidgetContext } from './kit';
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
    const item = items.get(pathOf(control));
    widget(question, control, item?.name ?? pathOf(control).split('/').pop()!, item, context);
    const offered = item && !item.repeat ? known.get(item.name) : undefined;
    if (item && offered) knownChip(question, item, offered, session);
  };
  all(root);
  root.addEventListener('addrepeat', (event) => {
    all(event.target as Element);
  });
}

function widget(question: HTMLElement, control: HTMLElement, name: string, item: Parameters<typeof answers>[1], context: WidgetContext): void {
  if (control instanceof HTMLSelectElement) {
    if (!control.multiple && control.options.length > LONG_LIST) picker(question, control);
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
