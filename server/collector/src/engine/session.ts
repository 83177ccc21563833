// One open checklist. Every change is on disk within 300 ms, half-typed words included.
import type {
  Draft, FormBody, FormSession, ItemMeaning, Language, Missing, PageState, Proposed,
} from '../contract';
import type { Answers } from '../store';
import { AUDIT_FILE, type AuditLog } from './audit';
import { Autosave } from './autosave';
import { fillSharedLists, type Enketo } from './enketo';
import { fileName, newFile } from './files';
import { isLit, propose, tally } from './findings';
import { readAnswers, withoutMarks, type Answer } from './instance';
import { mark } from './marks';
import { languageName, type OpenOptions } from './open';
import { isRelevant, neighbour, pagesOf, show, type Page } from './pages';
import { utf8 } from '../store/crypt';
import { Questions, type Question } from './questions';
import { Watch } from './watch';

const CHANGE = () => new Event('change', { bubbles: true });

export class Session implements FormSession {
  private readonly items: Map<string, ItemMeaning>;
  private readonly pagesList: Page[];
  private readonly questions: Questions;
  private readonly autosave: Autosave;
  private readonly watch: Watch;
  private page: number;
  private language: Language;
  private closed = false;
  private counts: Pick<Answers, 'answered' | 'total'> | null = null; // null: to be counted anew
  private known: NonNullable<OpenOptions['prefill']>;
  private takingOver = false;
  private told: number; // how much of `known` waited when the phone was last told

  constructor(
    readonly root: HTMLFormElement,
    private readonly enketo: Enketo,
    private readonly body: FormBody,
    private readonly draft: Draft,
    private readonly options: OpenOptions,
    private readonly audit: AuditLog | null,
  ) {
    this.items = new Map(body.items.map((item) => [item.name, item]));
    this.questions = new Questions(enketo, body.items);
    this.pagesList = pagesOf(root, body);
    this.language = options.language;
    this.known = options.prefill ?? [];
    this.told = this.known.length;
    this.page = Math.min(draft.page, this.pagesList.length - 1);
    this.autosave = new Autosave(() => this.save(), (error) => options.onProblem?.(error), () => this.copy());
    this.watch = new Watch(root, enketo, audit, {
      typed: () => this.autosave.changed(),
      changed: () => this.changed(),
      away: () => void this.autosave.flush().catch((error: unknown) => options.onProblem?.(error)),
      file: (item, file, repeat) => this.takeFile(item, file, repeat),
    });
    // For widgets and the browser's tests, which know only the element.
    Object.assign(root, { session: this });
  }

  /** Fills in what is known, shows the page that was open last, and begins to watch. */
  begin(): void {
    const unit = this.items.get(this.body.unit_item);
    if (unit && this.draft.unit) this.write(unit, this.draft.unit, 0);
    this.takeOver();
    // The engine says what changed before it decides what is asked.
    this.root.addEventListener('dataupdate', () => setTimeout(() => this.takeOver()));
    if (this.audit) this.enketo.model.node(auditPath(this.enketo)).setVal(AUDIT_FILE);
    mark(this.root, this.body, this.language);
    this.watch.begin(this.body, (row) => {
      fillSharedLists(this.enketo);
      mark(row, this.body, this.language);
    });
    this.goTo(this.page);
  }

  /** Puts in what is known beforehand once its question is asked: the engine keeps no answer of one that is not. */
  private takeOver(): void {
    if (!this.known.length || this.takingOver || this.closed) return;
    this.takingOver = true;
    this.known = this.known.filter(({ item, value, row }) => !this.prefilled(item, value, row === undefined ? 0 : row + 1));
    this.takingOver = false;
  }

  private prefilled(name: string, value: string, repeat: number): boolean {
    const item = this.items.get(name);
    if (!item) throw new Error(`${this.body.form_id} has no question ${name}`);
    const index = Math.max(0, repeat - 1);
    // Rows that were removed since stay removed.
    if (item.repeat && !this.draft.xml) this.addRows(item.repeat, index + 1);
    if (this.enketo.input.find(item.path, index)?.closest('.disabled')) return false;
    const there = !item.repeat || this.enketo.model.node(item.repeat).getElements().length > index;
    if (there && !this.value(name, repeat)) this.write(item, value, repeat);
    return true;
  }

  // ---- pages ----------------------------------------------------------------------------------------------------

  pages(): PageState[] {
    return this.pagesList.map((page) => {
      const asked = [...this.questions.below(page.elements)].filter((question) => question.asked);
      const required = asked.filter((question) => this.questions.isRequired(question));
      return {
        name: page.name,
        words: page.words,
        total: asked.length,
        answered: asked.filter((question) => this.questions.value(question)).length,
        required: required.length,
        relevant: isRelevant(page),
      };
    });
  }

  current(): number {
    return this.page;
  }

  goTo(page: number): void {
    if (!this.pagesList[page]) return;
    this.watch.commit();
    this.page = page;
    show(this.pagesList, page);
    fillSharedLists(this.enketo);
    this.watch.page(this.pagesList[page].elements[0]?.getAttribute('name') ?? '');
    this.root.dispatchEvent(new CustomEvent('pageflip', { bubbles: true, detail: { page } }));
    this.changed();
  }

  /** Goes on unless an answer of this page is wrong. What is merely missing is told by `missing` and by `finish`. */
  async next(): Promise<boolean> {
    this.watch.commit();
    const wrong = this.faults([this.page]).filter((fault) => fault.kind === 'constraint');
    if (wrong.length) {
      this.audit?.moment('constraint error', this.items.get(wrong[0]!.item)?.path);
      await this.showFaults(this.page);
      return false;
    }
    this.goTo(neighbour(this.pagesList, this.page, 1));
    return true;
  }

  previous(): void {
    this.goTo(neighbour(this.pagesList, this.page, -1));
  }

  setLanguage(language: Language): void {
    this.language = language;
    const name = languageName(this.body, language);
    this.enketo.langs._currentLang = name;
    this.enketo.langs.setFormUi(name);
    mark(this.root, this.body, language);
  }

  missing(): Missing[] {
    this.watch.commit();
    return this.faults(this.pagesList.map((_page, n) => n));
  }

  // ---- answers --------------------------------------------------------------------------------------------------

  value(item: string, repeat = 0): string {
    const path = this.items.get(item)?.path;
    if (!path) return '';
    return this.enketo.model.node(path, Math.max(0, repeat - 1)).getVal() ?? '';
  }

  /** Answers as a tap would. Rows of a repeat are added up to `repeat`. Throws for an item that the form has not. */
  setValue(item: string, value: string, repeat = 0): void {
    const known = this.items.get(item);
    if (!known) throw new Error(`${this.body.form_id} has no question ${item}`);
    this.write(known, value, repeat);
  }

  confirmed(item: string, repeat = 0): void {
    const path = this.items.get(item)?.path ?? item;
    this.audit?.moment('answer confirmed', repeat > 0 ? placed(path, this.items.get(item)!.repeat, repeat) : path);
    this.autosave.changed();
  }

  async attach(item: string, file: Blob, repeat = 0): Promise<string> {
    const known = this.items.get(item);
    if (!known) throw new Error(`${this.body.form_id} has no question ${item}`);
    const name = fileName(item, file);
    const before = this.value(item, repeat);
    await this.options.keeper.saveFile(this.draft.id, await newFile(name, file));
    this.write(known, name, repeat);
    await this.flush();
    if (before) await this.options.keeper.removeFile(this.draft.id, before);
    return name;
  }

  async detach(item: string, repeat = 0): Promise<void> {
    const known = this.items.get(item);
    const before = this.value(item, repeat);
    if (!known || !before) return;
    this.write(known, '', repeat);
    await this.flush();
    await this.options.keeper.removeFile(this.draft.id, before);
  }

  async fileOf(item: string, repeat = 0): Promise<Blob | null> {
    const name = this.value(item, repeat);
    return name ? this.options.keeper.file(this.draft.id, name) : null;
  }

  proposed(): Proposed[] {
    return propose(this.body, this.answers());
  }

  score(): { green: number; yellow: number; red: number; open: number } {
    const lit = (question: Question) => question.asked && question.item?.role === 'item' && isLit(question.item);
    const asked = this.pagesList.reduce((sum, page) => sum + [...this.questions.below(page.elements)].filter(lit).length, 0);
    return tally(this.body.items, this.answers(), asked);
  }

  // ---- keeping --------------------------------------------------------------------------------------------------

  async flush(): Promise<void> {
    this.watch.commit();
    await this.autosave.flush();
  }

  async finish(): Promise<Missing[]> {
    const wrong = this.missing();
    if (wrong.length) {
      await this.showFaults(wrong[0]!.page);
      return wrong;
    }
    this.root.dispatchEvent(new CustomEvent('before-save', { bubbles: true }));
    this.audit?.leave();
    this.audit?.moment('form finalize');
    await this.autosave.flush();
    this.counts = null;
    await this.keep(withoutMarks(this.enketo.getDataStr({ irrelevant: false })));
    // What was just kept is what will be sent, unless something is changed after all.
    this.autosave.stop();
    return [];
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.watch.end();
    this.autosave.stop();
    const form = this.enketo.resetView() as Element | null;
    (form ?? this.root).remove();
  }

  private changed(): void {
    this.counts = null;
    this.autosave.changed();
  }

  private async save(): Promise<void> {
    if (this.closed) return;
    this.watch.keepTyped();
    await this.keep(withoutMarks(this.enketo.getDataStr()));
  }

  private async copy(): Promise<void> {
    if (this.closed) return;
    this.watch.keepTyped();
    await this.options.keeper.copyAnswers(this.draft.id, this.standing(withoutMarks(this.enketo.getDataStr())));
  }

  private standing(xml: string): Answers {
    this.counts ??= this.count();
    return { xml, ...this.counts, page: this.page };
  }

  private async keep(xml: string): Promise<void> {
    const answers = this.standing(xml);
    const log = this.audit ? [{ name: AUDIT_FILE, type: 'text/csv', bytes: utf8(this.audit.csv()).buffer }] : [];
    const rest = this.known;
    const saved = await this.options.keeper.saveAnswers(this.draft.id, answers, ...log);
    // Only now: what was put in is on disk, and whoever empties it finds it empty the next time.
    if (rest.length !== this.told) await this.options.onTaken?.(rest);
    this.told = rest.length;
    this.options.onSaved?.(saved.changed_at);
  }

  /** Of what is asked: what is being typed is counted once its question is left. */
  private count(): Pick<Answers, 'answered' | 'total'> {
    const relevant = this.pagesList.filter(isRelevant).flatMap((page) => page.elements);
    const asked = [...this.questions.below(relevant)].filter((question) => question.asked);
    return { answered: asked.filter((question) => this.questions.value(question)).length, total: asked.length };
  }

  private answers(): Answer[] {
    return readAnswers(this.enketo.model.rootElement, this.body.items);
  }

  private faults(pages: number[]): Missing[] {
    const found: Missing[] = [];
    for (const n of pages) {
      for (const question of this.questions.below(this.pagesList[n]!.elements)) {
        const kind = question.asked && this.questions.fault(question);
        if (!kind) continue;
        const name = question.item?.name ?? question.path.split('/').at(-1)!;
        const words = question.item?.words ?? { zh: name, en: name };
        found.push({ item: name, words, page: n, kind, message: this.questions.message(question, kind) });
      }
    }
    return found;
  }

  /** Turns to a page and marks what is wrong on it. */
  private async showFaults(page: number): Promise<void> {
    if (page !== this.page) this.goTo(page);
    const asked = [...this.questions.below(this.pagesList[page]!.elements)].filter((question) => question.asked);
    await Promise.all(asked.map((question) => this.enketo.validateInput(question.control)));
    this.root.querySelector('.invalid-required, .invalid-constraint')?.scrollIntoView({ block: 'center' });
  }

  /** A file input changed. `file-kept` tells widgets when the bytes and the answer are on disk. */
  private takeFile(item: string, file: File | null, repeat: number): void {
    const done: Promise<string | void> = file ? this.attach(item, file, repeat) : this.detach(item, repeat);
    done
      .then((name) => this.root.dispatchEvent(new CustomEvent('file-kept', { detail: { item, repeat, name: name ?? '' } })))
      .catch((error: unknown) => this.options.onProblem?.(error));
  }

  private write(item: ItemMeaning, value: string, repeat: number): void {
    const index = Math.max(0, repeat - 1);
    if (item.repeat) this.addRows(item.repeat, index + 1);
    const control = this.enketo.input.find(item.path, index);
    const node = this.enketo.model.node(item.path, index);
    if (control && control.getAttribute('type') !== 'file') {
      this.enketo.input.setVal(control, value, CHANGE());
      if (node.getVal() === value) return;
    }
    node.setVal(value, control ? this.enketo.input.getXmlType(control) : 'string');
    if (control?.getAttribute('type') === 'file') {
      control.dataset['loadedFileName'] = value;
      void this.enketo.validateInput(control);
    }
  }

  private addRows(repeat: string, wanted: number): void {
    const info = this.root.querySelector(`.or-repeat-info[data-name="${repeat}"]`);
    const present = this.enketo.model.node(repeat).getElements().length;
    if (info && present < wanted) this.enketo.repeats.add(info, wanted - present, 'user');
  }
}

function auditPath(enketo: Enketo): string {
  const meta = [...enketo.model.rootElement.children].find((child) => child.localName === 'meta')!;
  const audit = [...meta.children].find((child) => child.localName === 'audit')!;
  return `/${enketo.model.rootElement.nodeName}/${meta.nodeName}/${audit.nodeName}`;
}

/** `/data/r/q` of row 2 as `/data/r[2]/q`. */
export function placed(path: string, repeat: string, row: number): string {
  return repeat && row > 0 ? `${repeat}[${row}]${path.slice(repeat.length)}` : path;
}
