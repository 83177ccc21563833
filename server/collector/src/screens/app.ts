// The frame around every screen: head, foot, the address behind #, going back, drawing anew when something changed.
import { language, setLanguage, t } from '../words';
import { fill, h, icon, iconButton, type Child, type Icon } from './dom';
import type { Phone } from './ports';
import { applyPrefs, readPrefs, writePrefs } from './prefs';

export type View = {
  title: string;
  subtitle?: string;
  back?: string; // the address to go back to; none: a main screen with the foot
  body: Child;
  tools?: Child; // at the right of the head
  fresh?(): boolean | void; // something changed on the phone: true when the screen has seen to it itself
  relabel?(): boolean | void; // the language changed: true when the screen has seen to it itself
  leave?(): void | Promise<void>;
};
export type Screen = (app: App, parts: string[]) => Promise<View> | View;
export type Counts = { queue: number; refused: number; returned: number };

const NAV: { path: string; icon: Icon; word: 'nav.home' | 'nav.queue' | 'nav.returned' | 'nav.phone' }[] = [
  { path: '#/', icon: 'home', word: 'nav.home' },
  { path: '#/queue', icon: 'queue', word: 'nav.queue' },
  { path: '#/returned', icon: 'returned', word: 'nav.returned' },
  { path: '#/phone', icon: 'phone', word: 'nav.phone' },
];

export class App {
  private view: View | null = null;
  private turn = 0;
  private making = false;
  private asked = ''; // the address whose screen is shown or being made
  private shown = '';

  constructor(readonly phone: Phone, private readonly host: HTMLElement, private readonly screens: Record<string, Screen>) {}

  start(): void {
    const prefs = readPrefs();
    setLanguage(prefs.language);
    applyPrefs(prefs);
    // A change told between the new address and its event may have begun to draw it already.
    window.addEventListener('hashchange', () => { if (this.asked !== location.hash) void this.show(); });
    window.addEventListener('online', () => this.network());
    window.addEventListener('offline', () => this.network());
    this.phone.onChange(() => this.changed());
    void this.show();
  }

  go(address: string): void {
    if (location.hash === address) void this.show();
    else location.hash = address;
  }

  /** Draws the screen of the address; the last call wins where one is still being made. */
  async show(): Promise<void> {
    const turn = (this.turn += 1);
    this.making = true;
    this.asked = location.hash;
    const parts = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
    await this.view?.leave?.();
    const screen = this.screenOf(parts[0] ?? '');
    let view: View;
    try {
      view = await screen(this, parts.slice(1));
    } catch (error) {
      console.error(error);
      view = { title: t('error.title'), back: '#/', body: h('p', { class: 'notice notice-bad', role: 'alert' }, t('error.words')) };
    }
    if (turn !== this.turn) { await view.leave?.(); return; }
    this.making = false;
    const moved = this.shown !== location.hash;
    this.shown = location.hash;
    await this.draw(view, moved);
  }

  private screenOf(name: string): Screen {
    if (this.phone.revoked) return this.screens['revoked']!;
    if (!this.phone.device()) return this.screens['bind']!;
    return this.screens[name || 'home'] ?? this.screens['lost']!;
  }

  private async draw(view: View, moved: boolean): Promise<void> {
    this.view = view;
    const counts = await this.counts();
    const at = window.scrollY;
    document.title = `${view.title} · ${t('brand')}`;
    const main = h('main', { id: 'main', tabindex: -1 }, view.body);
    document.body.classList.toggle('with-nav', !view.back && Boolean(this.phone.device()));
    fill(this.host, h('a', { class: 'skip', href: '#main', onclick: (event) => { event.preventDefault(); main.focus(); } }, t('skip')),
      this.head(view), this.netBar(), main, !view.back && this.phone.device() ? this.foot(counts) : null);
    if (moved) {
      window.scrollTo(0, 0);
      this.host.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    } else window.scrollTo(0, at);
  }

  private head(view: View): HTMLElement {
    const title = h('div', { class: `top-title${view.subtitle ? ' top-two' : ''}` }, h('h1', { tabindex: -1 }, view.title), view.subtitle ? h('p', {}, view.subtitle) : null);
    const start = view.back
      ? iconButton('back', t('back'), () => this.go(view.back!))
      : h('span', { class: 'top-brand' }, h('img', { src: `${import.meta.env.BASE_URL}icon.svg`, alt: '' }));
    return h('header', { class: 'top' }, h('div', { class: 'top-row' }, start, title, view.tools, this.languageButton()));
  }

  private languageButton(): HTMLElement {
    const next = language() === 'zh' ? 'en' : 'zh';
    return h('button', {
      type: 'button', class: 'btn-language', lang: next === 'en' ? 'en' : 'zh-CN', 'aria-label': t('language.label'),
      onclick: () => {
        setLanguage(next);
        writePrefs({ language: next });
        this.relabel();
      },
    }, t('language.switch'));
  }

  private relabel(): void {
    if (this.view?.relabel?.()) {
      this.host.querySelector('.btn-language')?.replaceWith(this.languageButton());
      this.network();
    } else void this.show();
  }

  private netBar(): HTMLElement {
    const bar = h('p', { class: 'net', role: 'status' });
    bar.hidden = navigator.onLine;
    if (!navigator.onLine) bar.textContent = t('net.offline');
    return bar;
  }

  private network(): void {
    this.host.querySelector('.net')?.replaceWith(this.netBar());
  }

  async counts(): Promise<Counts> {
    if (!this.phone.device() || this.phone.revoked) return { queue: 0, refused: 0, returned: 0 };
    const drafts = await this.phone.drafts();
    const corrected = new Set(drafts.map((draft) => draft.deprecated_id));
    return {
      queue: drafts.filter((draft) => draft.state === 'waiting' || draft.state === 'sending').length,
      refused: drafts.filter((draft) => draft.state === 'refused').length,
      returned: (this.phone.package()?.returned ?? []).filter((each) => !corrected.has(each.instance_id)).length,
    };
  }

  private foot(counts: Counts): HTMLElement {
    const here = `#/${location.hash.replace(/^#\/?/, '').split('/')[0]}`;
    return h('nav', { class: 'nav', 'aria-label': t('nav.main') }, h('ul', {}, NAV.map((entry) => h('li', {},
      h('a', { href: entry.path, 'aria-current': here === entry.path ? 'page' : null }, icon(entry.icon), h('span', {}, t(entry.word)),
        this.badge(entry.path, counts))))));
  }

  private badge(path: string, counts: Counts): HTMLElement | null {
    const number = path === '#/queue' ? counts.queue + counts.refused : path === '#/returned' ? counts.returned : 0;
    if (!number) return null;
    const red = path === '#/returned' || counts.refused > 0;
    return h('span', { class: `badge${red ? ' badge-red' : ''}` }, number, h('span', { class: 'unseen' }, t('nav.waiting')));
  }

  /** Something on the phone changed: the screen draws itself anew unless it says that it has. */
  private async changed(): Promise<void> {
    if ((!this.phone.device() || this.phone.revoked) && this.view) { await this.show(); return; }
    // Opening a checklist saves it, which is a change: a screen that is being made is not made again for that.
    if (this.making || this.view?.fresh?.()) return;
    if (this.view && !this.host.contains(document.activeElement?.closest('input, textarea, select') ?? null)) await this.redraw();
  }

  private async redraw(): Promise<void> {
    const focused = document.activeElement?.getAttribute('data-focus');
    await this.show();
    if (focused) this.host.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }
}

export const link = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`;
