// The questions of an open form as they stand: asked or not, answered or not, right or wrong.
import types from 'enketo-core/src/js/types';
import type { ItemMeaning, Missing } from '../contract';
import type { Enketo } from './enketo';

const CONTROL = 'input:not(.ignore), select:not(.ignore), textarea:not(.ignore)';

export type Question = {
  element: HTMLElement;
  control: HTMLElement;
  path: string;
  item: ItemMeaning | undefined;
  asked: boolean; // relevant, and not a mere note
};

export class Questions {
  private readonly items: Map<string, ItemMeaning>;
  private readonly nodes = new WeakMap<HTMLElement, Element>(); // looking one up costs an XPath evaluation

  constructor(
    private readonly enketo: Enketo,
    items: readonly ItemMeaning[],
  ) {
    this.items = new Map(items.map((item) => [item.path, item]));
  }

  /** Every question below these elements that takes an answer, in order. */
  *below(elements: readonly Element[]): Generator<Question> {
    for (const element of elements) {
      const inside = element.matches('.question') ? [element] : element.querySelectorAll('.question');
      for (const question of inside as Iterable<HTMLElement>) {
        const control = question.querySelector<HTMLElement>(CONTROL);
        if (!control || question.classList.contains('unit-question')) continue;
        const path = this.enketo.input.getName(control);
        const note = control.hasAttribute('readonly') && !control.dataset['required'];
        const asked = !note && !question.closest('.disabled');
        yield { element: question, control, path, item: this.items.get(path), asked };
      }
    }
  }

  /** The model's value, which is what will be sent. */
  value(question: Question): string {
    return this.node(question)?.textContent ?? '';
  }

  isRequired(question: Question): boolean {
    const expression = question.control.dataset['required']?.trim();
    if (!expression || expression === 'false()') return false;
    if (expression === 'true()') return true;
    const { enketo } = this;
    return Boolean(enketo.model.evaluate(expression, 'boolean', question.path, this.index(question)));
  }

  /** What is wrong with an asked question, or null. */
  fault(question: Question): Missing['kind'] | null {
    const value = this.value(question);
    if (!value) return this.isRequired(question) ? 'required' : null;
    const kind = (types as Record<string, { validate(value: string): boolean }>)[
      this.enketo.input.getXmlType(question.control)
    ];
    if (kind && !kind.validate(value)) return 'constraint';
    const expression = question.control.dataset['constraint'];
    if (!expression) return null;
    const holds = this.enketo.model.evaluate(expression, 'boolean', question.path, this.index(question));
    return holds ? null : 'constraint';
  }

  message(question: Question, kind: Missing['kind']): string {
    const words = question.element.querySelector(`.or-${kind}-msg.active`) ?? question.element.querySelector(`.or-${kind}-msg`);
    return words?.textContent?.trim() ?? '';
  }

  private index(question: Question): number {
    return this.enketo.input.getIndex(question.control);
  }

  private node(question: Question): Element | undefined {
    const known = this.nodes.get(question.control);
    if (known?.isConnected) return known;
    const found = this.enketo.model.node(question.path, this.index(question)).getElement();
    if (found) this.nodes.set(question.control, found);
    return found;
  }
}
