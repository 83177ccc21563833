// What happens in an open form: typing, taps, files, rows, and which question has the focus (for audit.csv).
import type { FormBody } from '../contract';
import type { AuditLog } from './audit';
import type { Enketo } from './enketo';

type Heard = {
  changed(): void;
  file(item: string, file: File | null, repeat: number): void;
};

type TextInput = HTMLInputElement | HTMLTextAreaElement;

export class Watch {
  private readonly ending = new AbortController();
  // Text that is being typed: its words are in the model already, its question is judged when it is left.
  private typing: TextInput | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

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
    on('change', (event) => this.judged(event.target));
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
    const away = () => {
      this.commit();
      this.heard.changed();
    };
    document.addEventListener('visibilitychange', away, { signal: this.ending.signal });
    addEventListener('pagehide', away, { signal: this.ending.signal });
  }

  end(): void {
    clearTimeout(this.timer);
    this.ending.abort();
  }

  /** Puts what has been typed so far into the model. */
  commit(): void {
    clearTimeout(this.timer);
    const input = this.typing;
    if (!input?.isConnected) return;
    const { input: read, model } = this.enketo;
    model.node(read.getName(input), read.getIndex(input)).setVal(String(read.getVal(input)), read.getXmlType(input));
  }

  /** A page comes into view. */
  page(node: string): void {
    if (node) this.audit?.enter('group questions', node);
  }

  private typed(target: EventTarget | null): void {
    if (!isText(target) || target.classList.contains('ignore')) return;
    this.typing = target;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), 100);
  }

  /** A file is kept under a name of its own before Enketo hears of it. */
  private chosen(event: Event, items: Map<string, { name: string; repeat: string }>): void {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== 'file' || input.classList.contains('ignore')) return;
    const item = items.get(this.enketo.input.getName(input));
    if (!item) return;
    event.stopImmediatePropagation();
    this.heard.file(item.name, input.files?.[0] ?? null, item.repeat ? this.enketo.input.getIndex(input) + 1 : 0);
  }

  /** Enketo judges an answer when the model changes; after typing the model has it already, so it is judged here. */
  private judged(target: EventTarget | null): void {
    if (target !== this.typing || !(target instanceof HTMLElement)) return;
    this.typing = null;
    clearTimeout(this.timer);
    void this.enketo.validateInput(target);
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
