// Filling in a checklist: one section a page, how far it is, what was saved when, and the way through.
import type { Draft, Missing, PageState } from '../contract';
import { language, pick, t } from '../words';
import { enhance, relabel } from '../widgets';
import { link, type App, type View } from './app';
import { fill, h, icon, iconButton, quietly } from './dom';
import { meter } from './drafts';
import { severeOf, signOff } from './signoff';
import { Foot } from './foot';
import { jump } from './jump';
import { ask, say, sheet } from './overlay';
import { PhoneProblem, type OpenForm } from './ports';
import { oldFindings } from './recheck';
import { readPrefs } from './prefs';
import { readingChoices } from './reading';
import { discardDraft } from './queue';
import { formTitle, unitName } from './titles';
import { Single } from './single';

export async function fillScreen(app: App, [id = '']: string[]): Promise<View> {
  const draft = await app.phone.draft(id);
  if (!draft) return { title: t('lost.title'), back: '#/', body: h('p', { class: 'notice' }, t('lost.draft')) };
  if (draft.state !== 'draft' && draft.state !== 'refused') return closed(app, draft);
  // The engine wants its element in the page from the start; nobody is shown a checklist that is not ready.
  const host = h('div', { class: 'form-host is-opening' });
  document.body.append(host);
  try {
    const open = await app.phone.open(draft, host, language());
    return new Filling(app, draft, host, open).view();
  } catch (error) {
    host.remove();
    throw error;
  }
}

function closed(app: App, draft: Draft): View {
  const edit = async () => {
    app.go(link('fill', (await app.phone.reopen(draft.id)).id));
  };
  return {
    title: formTitle(draft.form_id), subtitle: unitName(draft), back: '#/queue',
    body: h('div', { class: 'panel' }, h('p', {}, t(draft.state === 'sent' ? 'fill.sent' : 'fill.queued')),
      draft.state === 'waiting' ? h('button', { type: 'button', class: 'btn btn-main', onclick: () => void edit() }, t('queue.edit')) : null,
      h('a', { class: 'btn', href: link('sheet', draft.id) }, t('sheet.title'))),
  };
}

class Filling {
  private readonly head = h('div', { class: 'fill-head' });
  private readonly foot = new Foot({ previous: () => this.previous(), jump: () => this.jump(), next: () => void this.next() });
  private readonly extra = h('div', { class: 'fill-extra' });
  private readonly saved = h('span', { class: 'saved', role: 'status' });
  private readonly single: Single;
  private savedAt = '';
  private trouble = '';
  private pages: PageState[];
  private lacking: Missing[] = [];
  private busy = false;

  constructor(private readonly app: App, private readonly draft: Draft, private readonly host: HTMLElement, private readonly open: OpenForm) {
    const { session, body } = open;
    const pack = app.phone.package();
    const school = pack?.schools.find((each) => each.code === draft.unit) ?? null;
    const settings = pack?.settings ?? { photo_pixels: 1280, radius_metres: 500, capture_accuracy: 20 };
    this.pages = session.pages();
    this.single = new Single(session);
    enhance({ session, body, settings, school }, pack);
    oldFindings(app, session, body, pack?.findings ?? []);
    open.onSaved((at) => { this.savedAt = at; this.trouble = ''; this.drawSaved(); });
    host.addEventListener('save-failed', (event) => {
      const problem: unknown = (event as CustomEvent).detail;
      this.trouble = problem instanceof PhoneProblem ? pick(problem.words) : t('fill.not_saved');
      this.drawSaved();
    });
    const later = quietly(() => this.update(), 200);
    session.root.addEventListener('change', later);
    session.root.addEventListener('addrepeat', later);
    session.root.addEventListener('removerepeat', later);
    session.root.addEventListener('pageflip', () => this.turned());
  }

  view(): View {
    this.update();
    this.single.turned();
    this.host.classList.remove('is-opening');
    return {
      title: pick(this.open.body.title), subtitle: unitName(this.draft), back: this.draft.unit ? link('school', this.draft.unit) : '#/',
      tools: iconButton('more', t('fill.options'), () => this.options()),
      body: h('div', { class: 'filling' }, this.head, this.remark(), this.extra, this.host, this.foot.element),
      fresh: () => true,
      relabel: () => this.relabel(),
      leave: () => this.leave(),
    };
  }

  private get session() { return this.open.session; }

  private remark(): HTMLElement | null {
    if (!this.draft.remark) return null;
    return h('details', { class: 'notice notice-mild fill-remark', open: true }, h('summary', {}, t('fill.remark')), h('p', {}, this.draft.remark));
  }

  private async leave(): Promise<void> {
    await this.session.flush().catch((error: unknown) => console.error(error));
    this.session.close();
    this.host.remove();
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------

  private update(): void {
    this.pages = this.session.pages();
    this.lacking = this.session.missing();
    // The head is drawn anew: where it had the focus, the keyboard stays there.
    const here = this.head.contains(document.activeElement);
    this.drawHead();
    this.drawFoot();
    this.drawExtra();
    if (here) this.focusHead();
  }

  private focusHead(): void {
    this.head.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  }

  private relevant(): number[] {
    return this.pages.flatMap((page, at) => (page.relevant ? [at] : []));
  }

  private drawHead(): void {
    const shown = this.pages.filter((page) => page.relevant);
    const answered = shown.reduce((sum, page) => sum + page.answered, 0);
    const total = shown.reduce((sum, page) => sum + page.total, 0);
    const page = this.pages[this.session.current()];
    const words = t('fill.progress', { done: answered, total });
    fill(this.head, h('div', { class: 'fill-where' },
      h('h2', { tabindex: -1 }, page ? pick(page.words) : ''), h('span', { class: 'number', 'aria-label': words }, `${answered}/${total}`)),
    meter(answered, total, words), this.saved);
    this.drawSaved();
  }

  private drawSaved(): void {
    const at = this.savedAt ? new Date(this.savedAt) : null;
    const words = at ? t('fill.saved', { at: at.toTimeString().slice(0, 8) }) : t('fill.saved.always');
    if (this.saved.textContent === (this.trouble || words)) return;
    this.saved.classList.toggle('is-trouble', Boolean(this.trouble));
    if (this.trouble) { fill(this.saved, icon('warn'), this.trouble); return; }
    fill(this.saved, icon('check'), words);
  }

  /** The last page that is asked; while it lacks answers, more pages may yet follow from them. */
  private isLast(): boolean {
    const here = this.session.current();
    return this.relevant().pop() === here && (here === this.pages.length - 1 || !this.lacking.some((each) => each.page === here));
  }

  private drawFoot(): void {
    const first = this.relevant()[0] === this.session.current() && this.single.isFirst();
    this.foot.update({ first, last: this.isLast() && this.single.isLast(), lacking: this.lacking.length });
  }

  /** On the last page, before anybody signs: what the answers amount to, for inspector and school to discuss. */
  private drawExtra(): void {
    fill(this.extra, this.isLast() && !(readPrefs().single && !this.single.isFirst()) ? signOff(this.open) : null);
  }

  // ---- moving -----------------------------------------------------------------------------------------------------

  private turned(): void {
    this.single.turned();
    this.update();
    window.scrollTo(0, 0);
    this.focusHead();
  }

  private previous(): void {
    if (readPrefs().single && this.single.move(-1)) { this.update(); return; }
    this.session.previous();
    if (readPrefs().single) { this.single.last(); this.update(); }
  }

  private async next(): Promise<void> {
    if (readPrefs().single && this.single.move(1)) { this.update(); return; }
    if (this.busy) return;
    this.busy = true;
    this.update(); // the answer tapped a moment ago may have opened more pages
    try {
      const here = this.session.current();
      if (this.isLast() || (this.relevant().pop() === here && this.lacking.every((each) => each.page === here))) await this.finish();
      else if (!(await this.session.next())) this.wrongHere();
    } finally {
      this.busy = false;
    }
  }

  private wrongHere(): void {
    say(t('fill.wrong'));
    const wrong = this.session.root.querySelector<HTMLElement>('.invalid-constraint, .invalid-required');
    if (wrong) this.single.show(wrong);
    wrong?.querySelector<HTMLElement>('input:not([hidden]), button, select, textarea')?.focus();
  }

  private jump(): void {
    jump(this.session, this.pages, (page, item) => this.goTo(page, item));
  }

  private goTo(page: number, item?: string): void {
    if (page !== this.session.current()) this.session.goTo(page);
    const path = item && this.open.body.items.find((each) => each.name === item)?.path;
    const control = path ? this.session.root.querySelector<HTMLElement>(`[data-name="${CSS.escape(path)}"], [name="${CSS.escape(path)}"]`) : null;
    const question = control?.closest<HTMLElement>('.question');
    if (!question) return;
    this.single.show(question);
    this.update();
    question.scrollIntoView({ block: 'center' });
    question.classList.add('is-found');
    window.setTimeout(() => question.classList.remove('is-found'), 2500);
    question.querySelector<HTMLElement>('input:not([hidden]):not(.is-covered):not(.ignore), button, select, textarea')?.focus({ preventScroll: true });
  }

  private async finish(): Promise<void> {
    const severe = severeOf(this.session.proposed());
    const lacking: Missing[] = await this.session.finish();
    if (lacking.length) {
      this.update();
      jump(this.session, this.session.pages(), (page, item) => this.goTo(page, item), lacking);
      return;
    }
    const words = h('div', {}, severe.length ? h('p', { class: 'notice notice-bad' }, t('fill.severe', { count: severe.length })) : null, h('p', {}, t('fill.finish.words')));
    if (!(await ask(t('fill.finish.title'), words, t('fill.finish.yes')))) return;
    await this.app.phone.queue(this.draft.id);
    this.app.go(link('sheet', this.draft.id));
  }

  // ---- choices ----------------------------------------------------------------------------------------------------

  private options(): void {
    const changed = () => { this.single.turned(); this.update(); };
    const opened = sheet(t('fill.options'), h('div', { class: 'stack' }, readingChoices(changed),
      h('p', { class: 'muted small' }, t('fill.version', { version: this.draft.version })),
      h('button', { type: 'button', class: 'btn btn-danger btn-wide', onclick: () => {
        opened.close();
        void discardDraft(this.app, this.draft).then((gone) => { if (gone) this.app.go(this.draft.unit ? link('school', this.draft.unit) : '#/'); });
      } }, icon('trash'), t('draft.discard'))));
  }

  private relabel(): boolean {
    this.session.setLanguage(language());
    relabel(this.session.root);
    document.querySelector('.top h1')!.textContent = pick(this.open.body.title);
    document.querySelector('.top .btn-icon')?.setAttribute('aria-label', t('back'));
    const school = document.querySelector('.top-title p');
    if (school) school.textContent = unitName(this.draft);
    document.title = `${pick(this.open.body.title)} · ${t('brand')}`;
    this.update();
    return true;
  }
}
