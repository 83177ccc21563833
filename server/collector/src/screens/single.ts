// One question on the screen at a time, inside the page that is open. The style hides what is not marked `is-asked`.
import type { FormSession } from '../contract';
import { readPrefs } from './prefs';

export class Single {
  private at: HTMLElement | null = null;

  constructor(private readonly session: FormSession) {}

  /** The questions of the open page that are asked now: answers may make some appear and others vanish. */
  private asked(): HTMLElement[] {
    return [...this.session.root.querySelectorAll<HTMLElement>('.question')].filter((question) =>
      !question.hidden && !question.closest('[hidden], .disabled') && !question.classList.contains('is-system') && !question.closest('.or-repeat-info'));
  }

  turned(): void {
    this.mark(this.asked()[0] ?? null);
  }

  last(): void {
    this.mark(this.asked().pop() ?? null);
  }

  show(question: HTMLElement): void {
    this.mark(question);
  }

  isFirst(): boolean {
    return !readPrefs().single || this.place() <= 0;
  }

  isLast(): boolean {
    return !readPrefs().single || this.place() >= this.asked().length - 1;
  }

  /** Goes one question on or back; false at the end of the page. */
  move(step: 1 | -1): boolean {
    const next = this.asked()[this.place() + step];
    if (!next) return false;
    this.mark(next);
    window.scrollTo(0, 0);
    next.querySelector<HTMLElement>('input:not([hidden]):not(.is-covered):not(.ignore), button, select, textarea')?.focus({ preventScroll: true });
    return true;
  }

  private place(): number {
    const asked = this.asked();
    const place = this.at ? asked.indexOf(this.at) : -1;
    return place < 0 ? 0 : place;
  }

  private mark(question: HTMLElement | null): void {
    this.session.root.querySelectorAll('.is-asked').forEach((each) => each.classList.remove('is-asked'));
    this.at = question;
    question?.classList.add('is-asked');
    // A row of a repeat keeps its own head while one of its questions is asked.
    for (let above = question?.parentElement; above && above !== this.session.root; above = above.parentElement) above.classList.add('is-asked');
    this.session.root.classList.toggle('at-end', this.isLast());
  }
}
