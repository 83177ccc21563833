// What a form and a school are called here, from the package that is on the phone.
import type { Draft, Package } from '../contract';
import { pick, t } from '../words';

let pack: () => Package | null = () => null;

export function titlesFrom(source: () => Package | null): void {
  pack = source;
}

export function formTitle(form_id: string): string {
  const entry = pack()?.forms.find((each) => each.form_id === form_id);
  return entry ? pick(entry.title) : form_id;
}

/** A draft's school in the reader's language. */
export function unitName(draft: Draft): string {
  const school = pack()?.schools.find((each) => each.code === draft.unit);
  return school ? pick({ zh: school.name, en: school.name_en }) : draft.unit_name || t('draft.no_unit');
}
