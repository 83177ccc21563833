// What happens in an open form: typing, taps, files, rows, and which question has the focus (for audit.csv).
import type { FormBody } from '../contract';
import type { AuditLog } from './audit';
import type { Enketo } from './enketo';

type Heard = {
  typed(): void; // something is being typed: `keepTyped` puts it into the model
  changed(): void;
  away(): void; // the page may never be seen again
  file(item: string, file: File | null, repeat: number): void;
};

type TextInput = HTMLInputElement | HTMLTextAreaElement;

export class Watch {
  private readonly ending = new AbortController();
  // What is being typed is written into the model for the next save, silently: calculations and conditions run when the
  // question is left. `before` is the model's value until then.
  private typing: { input: TextInput; before: string } | null = null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly enketo: Enketo,
    private readonly audit: AuditLog | null,
    private readonly heard: Heard,
  ) {}

  begin(body: FormBody, rowAdded: (row: Element) => void): void {
    const repeats = new Map(body.items.map((item) => [item.path, item]));
    const on = (name: string, listener: (event: Event) => void, capture = false) =>
      this.form.addEventListener(name, listener, { signal: this.ending.signal, capture });
    on('input', (event) => this.typed(event.target));
    on('change', (event) => this.chosen(event, repeats), true);
    on('dataupdate', () => this.heard.changed());
    on('focusin', (event) => this.focused(event.target));
    on('addrepeat', (event) => {
      rowAdded(event.target as Element);
      this.audit?.moment('add repeat', (event.target as Element).getAttribute('name') ?? '');
      this.heard.changed();
    });
    on('removerepeat', (event) => {
      this.audit?.moment('delete repeat', (event.target as Element).getAttribute('name') ?? '');
      this.heard.changed();
    });
    const away = () => this.heard.away();
    document.addEventListener('visibilitychange', away, { signal: this.ending.signal });
    addEventListener('pagehide', away, { signal: this.ending.signal });
  }

  end(): void {
    this.ending.abort();
  }

  /** What is being typed counts as answered: calculations and conditions run. */
  commit(): void {
    const input = this.typing?.input;
    if (input?.isConnected) input.dispatchEvent(new Event('change', { bubbles: true }));
    this.typing = null;
  }

  /** A page comes into view. */
  page(node: string): void {
    if (node) this.audit?.enter('group questions', node);
  }

  private typed(target: EventTarget | null): void {
    if (!isText(target) || target.classList.contains('ignore')) return;
    if (this.typing?.input !== target) this.typing = { input: target, before: this.node(target)?.textContent ?? '' };
    this.heard.typed();
  }

  /** What is being typed goes into the model as it stands, for the save that begins now. */
  keepTyped(): void {
    if (!this.typing?.input.isConnected) return;
    const { input } = this.typing;
    const { input: read, model } = this.enketo;
    const element = this.node(input);
    if (element) element.textContent = String(model.node('').convert(String(read.getVal(input)), read.getXmlType(input)));
  }

  private node(input: Element): Element | undefined {
    return this.enketo.model.node(this.enketo.input.getName(input), this.enketo.input.getIndex(input)).getElement();
  }

  /** A file is kept under a name of its own before Enketo hears of it. */
  private chosen(event: Event, items: Map<string, { name: string; repeat: string }>): void {
    const input = event.target;
    if (this.typing && input === this.typing.input) this.left(this.typing);
    if (!(input instanceof HTMLInputElement) || input.type !== 'file' || input.classList.contains('ignore')) return;
    const item = items.get(this.enketo.input.getName(input));
    if (!item) return;
    event.stopImmediatePropagation();
    this.heard.file(item.name, input.files?.[0] ?? null, item.repeat ? this.enketo.input.getIndex(input) + 1 : 0);
  }

  /** A typed answer is left: Enketo finds the model as it was, sees the change, and does all that follows from it. */
  private left({ input, before }: { input: TextInput; before: string }): void {
    this.typing = null;
    const element = this.node(input);
    if (element) element.textContent = before;
  }

  private focused(target: EventTarget | null): void {
    const control = target instanceof Element ? target.closest<HTMLElement>('[data-name], [name]') : null;
    if (!this.audit || !control || control === this.form) return;
    const name = this.enketo.input.getName(control);
    if (name && this.audit.current !== name) this.audit.enter('question', name);
  }
}

function isText(target: EventTarget | null): target is TextInput {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && ['text', 'number', 'tel', 'search', 'url', 'email'].includes(target.type);
}
