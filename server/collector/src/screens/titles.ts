// What a form is called here, from the package that is on the phone.
import type { Package } from '../contract';
import { pick } from '../words';

let pack: () => Package | null = () => null;

export function titlesFrom(source: () => Package | null): void {
  pack = source;
}

export function formTitle(form_id: string): string {
  const entry = pack()?.forms.find((each) => each.form_id === form_id);
  return entry ? pick(entry.title) : form_id;
}
