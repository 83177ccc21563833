// The form's HTML as the server made it, made ready for this page: harmless a second time, the school's question without
// its list (it is picked outside the form), no inline style that the CSP would refuse.
import type { FormBody } from '../contract';

const UNWANTED = 'script, iframe, object, embed, link, meta, base, style, frame, frameset, applet, portal';
const ADDRESSES = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data'];

/** The form element, detached. Throws where the body holds no form. */
export function prepare(body: FormBody): HTMLFormElement {
  const parsed = new DOMParser().parseFromString(body.html, 'text/html');
  const found = parsed.querySelector('form');
  if (!found) throw new Error(`${body.form_id} ${body.version} holds no form`);
  // Cleaned while its document is inert: nothing in it loads or runs.
  clean(found);
  const form = document.importNode(found, true);
  // Our own pages: Enketo's hide one question at a time and know nothing of sections.
  form.classList.add('or');
  form.classList.remove('pages');
  withoutFirstRow(form, body);
  const unit = body.items.find((item) => item.name === body.unit_item);
  if (unit) hideUnit(form, unit.path);
  return form;
}

const footerRepeats = (body: FormBody): Set<string> =>
  new Set(body.items.filter((item) => item.role === 'footer' && item.repeat).map((item) => item.repeat));

/** Further findings begin with no row: a first one would ask for a photo where there is nothing to report. */
function withoutFirstRow(form: HTMLFormElement, body: FormBody): void {
  const footer = footerRepeats(body);
  for (const row of form.querySelectorAll('.or-repeat')) {
    if (footer.has(row.getAttribute('name') ?? '')) row.classList.add('or-appearance-minimal');
  }
}

/** The same in the model, where pyxform writes a first row behind the template. */
export function withoutFirstRows(model: string, body: FormBody): string {
  return [...footerRepeats(body)].reduce((text, path) => {
    const name = path.split('/').pop()!;
    return text.replace(new RegExp(`(<${name} [^>]*template=""[^>]*>[^]*?</${name}>)\\s*<${name}>[^]*?</${name}>`), '$1');
  }, model);
}

function clean(form: HTMLFormElement): void {
  form.querySelectorAll(UNWANTED).forEach((element) => element.remove());
  for (const element of [form, ...form.querySelectorAll<HTMLElement>('*')]) {
    if (element.getAttribute('style')?.includes('none')) element.hidden = true;
    for (const { name, value } of [...element.attributes]) {
      const scripted = ADDRESSES.includes(name) && /^\s*(javascript|data|vbscript):/i.test(value);
      if (name === 'style' || name.startsWith('on') || (scripted && !/^\s*data:image\//i.test(value))) {
        element.removeAttribute(name);
      }
    }
  }
}

function hideUnit(form: HTMLFormElement, path: string): void {
  const control = form.querySelector<HTMLElement>(`[name="${path}"], [data-name="${path}"]`);
  const question = control?.closest<HTMLElement>('.question');
  if (!control || !question) return;
  const input = document.createElement('input');
  input.type = 'text';
  input.setAttribute('name', path);
  for (const name of ['data-required', 'data-relevant', 'data-type-xml', 'data-constraint']) {
    const value = control.getAttribute(name);
    if (value !== null) input.setAttribute(name, value);
  }
  const label = document.createElement('label');
  label.className = `${question.classList.contains('or-branch') ? 'or-branch pre-init ' : ''}question unit-question`;
  question.querySelectorAll('.question-label').forEach((words) => label.append(words));
  label.append(input);
  label.hidden = true;
  question.replaceWith(label);
}
