// What we use of enketo-core, which carries no types of its own.
import { Form as Engine } from 'enketo-core';
import type { FormBody } from '../contract';

export type Evaluation = 'boolean' | 'string' | 'number';
export interface Enketo {
  init(): string[];
  view: { html: HTMLFormElement; $: { attr: (name: string, value?: string) => unknown } };
  model: {
    xml: Document;
    rootElement: Element;
    node(path: string, index?: number | null): ModelNode;
    evaluate(expression: string, type: Evaluation, context: string, index: number, native?: boolean): unknown;
  };
  input: {
    find(path: string, index: number): HTMLElement | undefined;
    getIndex(control: Element): number;
    getName(control: Element): string;
    getXmlType(control: Element): string;
    getVal(control: Element): string | string[];
    setVal(control: Element, value: string, event: Event): unknown;
  };
  repeats: { add(info: Element, count: number, trigger: string): boolean };
  all: Record<string, unknown>;
  itemset: { update(updated: object): void };
  langs: { setFormUi(name: string): void; _currentLang: string };
  getDataStr(include?: { irrelevant: boolean }): string;
  validateInput(control: Element): Promise<unknown>;
  clearNonRelevant(): void;
  resetView(): unknown;
}
export interface ModelNode {
  getElement(): Element | undefined;
  getElements(): Element[];
  getVal(): string | undefined;
  setVal(value: string, type?: string): unknown;
  isRequired(expression: string): boolean;
  convert(value: string, type: string): string | number;
}

export type Loading = { model: string; instance: string; session: Record<string, string>; language: string };

/** An enketo form on an element that is in the page already. Throws where the form cannot be opened. */
export function load(form: HTMLFormElement, body: FormBody, loading: Loading): Enketo {
  const data: Record<string, unknown> = { modelStr: loading.model, submitted: false, session: loading.session };
  if (loading.instance) data['instanceStr'] = loading.instance;
  const enketo = new Engine(form, data, { language: loading.language, printRelevantOnly: false }) as Enketo;
  withoutInlineHandler(enketo);
  const problems = enketo.init();
  if (problems.length) throw new Error(`${body.form_id} ${body.version}: ${problems.join('; ')}`);
  return enketo;
}

/** Enketo keeps Enter from submitting with an inline handler, which the CSP refuses; we prevent it ourselves. */
function withoutInlineHandler(enketo: Enketo): void {
  const plain = enketo.view.$.attr;
  enketo.view.$.attr = function (this: unknown, ...given: [string, string?]) {
    return given[0] === 'onsubmit' ? this : plain.apply(this, given);
  };
  enketo.view.html.addEventListener('submit', (event) => event.preventDefault());
}

/**
 * Long lists that all rows of a repeat share: Enketo leaves them empty where the first row comes later than the form,
 * or where the group was not asked at first.
 */
export function fillSharedLists(enketo: Enketo): void {
  const lists = enketo.view.html.querySelectorAll('.repeat-shared-datalist-itemset');
  const empty = [...lists].some((list) => list.children.length < 2 && !list.closest('.disabled'));
  if (!empty) return;
  delete enketo.all['data-items-path'];
  enketo.itemset.update({});
}
