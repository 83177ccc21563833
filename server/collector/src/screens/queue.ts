// The queue: what waits, is being sent, arrived with its receipt, or was refused and what to do about it.
import type { Draft } from '../contract';
import { moment, pick, t } from '../words';
import { link, type App, type View } from './app';
import { button, fill, h, icon } from './dom';
import { meter } from './drafts';
import { handOver } from './handover';
import { ask, say } from './overlay';
import { PhoneProblem } from './ports';
import { formTitle, unitName } from './titles';

export async function queueScreen(app: App): Promise<View> {
  const drafts = await app.phone.drafts();
  const refused = drafts.filter((draft) => draft.state === 'refused');
  const open = drafts.filter((draft) => draft.state === 'waiting' || draft.state === 'sending');
  const sent = drafts.filter((draft) => draft.state === 'sent');
  const stop = app.phone.onProgress(showProgress);
  return {
    title: t('queue.title'),
    subtitle: navigator.onLine ? t('queue.online') : t('queue.offline'),
    leave: stop,
    body: h('div', { class: 'stack' },
      refused.length ? part(t('queue.refused', { count: refused.length }), refused.map((draft) => refusedCard(app, draft))) : null,
      h('section', { class: 'stack' }, h('div', { class: 'head' }, h('h2', {}, t('queue.open', { count: open.length })),
        open.length ? button(t('queue.send_all'), () => void app.phone.sendNow(), { icon: 'queue', kind: 'btn-main' }) : null),
        open.length ? h('ul', { class: 'cards' }, open.map((draft) => h('li', {}, openCard(app, draft)))) : h('p', { class: 'panel nothing' }, t('queue.none')),
        h('p', { class: 'muted small' }, t('queue.words'))),
      sent.length ? part(t('queue.sent', { count: sent.length }), sent.map(sentCard)) : null),
  };
}

const part = (title: string, cards: HTMLElement[]): HTMLElement =>
  h('section', { class: 'stack' }, h('h2', {}, title), h('ul', { class: 'cards' }, cards.map((card) => h('li', {}, card))));

const named = (draft: Draft): HTMLElement =>
  h('div', {}, h('h3', {}, unitName(draft)), h('p', {}, formTitle(draft.form_id)));

function openCard(app: App, draft: Draft): HTMLElement {
  const sending = draft.state === 'sending';
  const words = draft.attempts ? t('queue.waiting.again', { number: draft.attempts, at: moment(draft.next_try_at) }) : t('queue.waiting');
  return h('article', { class: 'panel' }, named(draft),
    h('div', { 'data-sending': draft.id }, sending ? sendingState(draft.progress) : h('p', { class: 'state' }, icon('queue'), words)),
    sending ? null : h('div', { class: 'buttons' },
      button(t('queue.send'), () => void app.phone.sendNow(draft.id), { kind: 'btn-main', attributes: { 'data-focus': `send-${draft.id}` } }),
      button(t('queue.edit'), () => void edit(app, draft)), sheetLink(draft)));
}

function sendingState(percent: number): HTMLElement {
  const words = t('queue.sending', { percent });
  return h('div', {}, meter(percent, 100, words), h('p', { class: 'state' }, icon('queue'), words));
}

/** The figure moves without the whole screen being drawn anew. */
function showProgress(id: string, percent: number): void {
  const place = document.querySelector(`[data-sending="${CSS.escape(id)}"]`);
  if (place) fill(place, sendingState(percent));
}

function refusedCard(app: App, draft: Draft): HTMLElement {
  const refusal = draft.refusal;
  return h('article', { class: 'panel card-bad' }, named(draft),
    h('div', { class: 'notice notice-bad' }, h('p', {}, h('b', {}, t('queue.server_says'))), h('p', {}, refusal ? pick(refusal.message) : ''),
      h('p', {}, t(todo(refusal?.status ?? 0, refusal?.code ?? '')))),
    h('p', { class: 'muted small' }, t('queue.kept')),
    h('div', { class: 'buttons' },
      button(t('queue.edit'), () => void edit(app, draft), { kind: 'btn-main' }),
      button(t('queue.retry'), () => void app.phone.sendNow(draft.id)),
      button(t('queue.export'), () => void handOver(app, [draft.id]))));
}

/** What helps after a refusal. */
function todo(status: number, code: string): 'queue.todo.form' | 'queue.todo.rights' | 'queue.todo.large' | 'queue.todo.answers' {
  if (/form_unknown|version/.test(code) || status === 404) return 'queue.todo.form';
  if (status === 401 || status === 403) return 'queue.todo.rights';
  if (status === 413) return 'queue.todo.large';
  return 'queue.todo.answers';
}

async function edit(app: App, draft: Draft): Promise<void> {
  try {
    app.go(link('fill', (await app.phone.reopen(draft.id)).id));
  } catch (error) {
    say(error instanceof PhoneProblem ? pick(error.words) : t('error.title'));
  }
}

const sheetLink = (draft: Draft): HTMLElement => h('a', { class: 'btn', href: link('sheet', draft.id) }, t('sheet.title'));

function sentCard(draft: Draft): HTMLElement {
  return h('article', { class: 'panel card-good' }, named(draft),
    h('p', { class: 'state state-good' }, icon('check'), t('queue.receipt', { at: moment(draft.receipt?.at ?? '') })),
    draft.receipt?.message ? h('p', { class: 'muted small' }, draft.receipt.message) : null,
    h('div', { class: 'buttons' }, sheetLink(draft)));
}

export async function discardDraft(app: App, draft: Draft): Promise<boolean> {
  if (!(await ask(t('draft.discard'), t('draft.discard.words', { name: draft.unit_name || formTitle(draft.form_id) }), t('draft.discard.yes'), true))) return false;
  await app.phone.discard(draft.id);
  return true;
}
