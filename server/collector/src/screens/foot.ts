// The bar at the foot of a checklist: previous, list, next. Its buttons stay the same elements while answers change
// them: a finger that is down on one when its words change must not lose its tap.
import { t } from '../words';
import { h, icon } from './dom';

export type FootState = { first: boolean; last: boolean; lacking: number };

export class Foot {
  readonly element: HTMLElement;
  private readonly previousWord = h('span');
  private readonly jumpWord = h('span');
  private readonly nextWord = h('span');
  private readonly badge = h('span', { class: 'badge', hidden: true });
  private readonly forward = icon('forward');
  private readonly check = icon('check');
  private readonly previous: HTMLButtonElement;

  constructor(to: { previous(): void; jump(): void; next(): void }) {
    const button = (name: keyof typeof to, kind: string, ...inside: Element[]) =>
      h('button', { type: 'button', class: `btn ${kind}`, onclick: () => to[name](), 'data-do': name }, inside);
    this.previous = button('previous', '', icon('back'), this.previousWord);
    this.element = h('nav', { class: 'fill-foot' }, h('div', { class: 'fill-foot-row' }, this.previous,
      button('jump', 'btn-jump', icon('list'), this.jumpWord, this.badge), button('next', 'btn-main', this.nextWord, this.forward, this.check)));
  }

  update({ first, last, lacking }: FootState): void {
    this.element.setAttribute('aria-label', t('fill.way'));
    this.previous.disabled = first;
    write(this.previousWord, t('fill.previous'));
    write(this.jumpWord, t('fill.jump'));
    write(this.nextWord, t(last ? 'fill.finish' : 'fill.next'));
    this.forward.toggleAttribute('hidden', last);
    this.check.toggleAttribute('hidden', !last);
    this.badge.hidden = !lacking;
    this.badge.setAttribute('aria-label', t('fill.lacking', { count: lacking }));
    write(this.badge, String(lacking));
  }
}

function write(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}
