// Sheets over a screen, questions before something irreversible, and short messages.
import { t } from '../words';
import { BROKEN_START } from '../words/frame';
import { button, h, iconButton, newId, type Child } from './dom';

export type Sheet = { element: HTMLDialogElement; close(): void; closed: Promise<void> };

/** Opens a sheet; focus goes into it and back to where it was. Escape and the back button of the phone close it. */
export function sheet(title: string, body: Child, options: { full?: boolean } = {}): Sheet {
  const id = newId('sheet');
  const before = document.activeElement as HTMLElement | null;
  const element = h('dialog', { class: `sheet${options.full ? ' sheet-full' : ''}`, 'aria-labelledby': id });
  let resolve = () => {};
  const closed = new Promise<void>((done) => { resolve = done; });
  const close = () => {
    if (!element.isConnected) return;
    if (element.open && element.close) element.close();
    element.remove();
    window.removeEventListener('hashchange', close);
    if (before?.isConnected) before.focus();
    resolve();
  };
  element.append(
    h('div', { class: 'sheet-head' }, h('h2', { id, tabindex: -1 }, title), iconButton('close', t('close'), close)),
    h('div', { class: 'sheet-body' }, body));
  element.addEventListener('cancel', (event) => { event.preventDefault(); close(); });
  element.addEventListener('click', (event) => { if (event.target === element) close(); });
  window.addEventListener('hashchange', close);
  document.body.append(element);
  if (typeof element.showModal === 'function') element.showModal();
  else element.setAttribute('open', '');
  element.querySelector<HTMLElement>('h2')?.focus();
  return { element, close, closed };
}

/** Asks before doing something; resolves with whether the person said yes. */
export function ask(title: string, words: Child, yes: string, danger = false): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = false;
    const opened = sheet(title, [
      h('div', {}, words),
      h('div', { class: 'buttons' },
        button(t('cancel'), () => opened.close()),
        button(yes, () => { answer = true; opened.close(); }, { kind: danger ? 'btn-danger' : 'btn-main' })),
    ]);
    void opened.closed.then(() => resolve(answer));
  });
}

/** Asks for a line of text; null when the person turned back. */
export function askFor(title: string, words: string, label: string, options: { type?: string; least?: number } = {}): Promise<string | null> {
  return new Promise((resolve) => {
    let answer: string | null = null;
    const input = h('input', { class: 'input', type: options.type ?? 'text', minlength: options.least ?? 1, required: true, autocomplete: 'off' });
    const form = h('form', { class: 'stack', novalidate: false }, h('p', {}, words),
      h('label', { class: 'field' }, h('span', {}, label), input),
      h('div', { class: 'buttons' }, button(t('cancel'), () => opened.close()),
        h('button', { type: 'submit', class: 'btn btn-main' }, t('go_on'))));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      answer = input.value;
      opened.close();
    });
    const opened = sheet(title, form);
    input.focus();
    void opened.closed.then(() => resolve(answer));
  });
}

/** A short message at the foot of the screen, read out by screen readers. */
export function say(words: string): void {
  document.querySelector('.said')?.remove();
  const element = h('div', { class: 'said', role: 'status' });
  document.body.append(element);
  element.textContent = words;
  window.setTimeout(() => element.remove(), 4500);
}

/** A new version of the app is here: it is taken when the person agrees, nothing typed is lost either way. */
export function offerNewVersion(use: () => void): void {
  if (document.querySelector('.new-version')) return;
  lasting(t('version.new'), button(t('version.use'), use, { kind: 'btn-main' })).classList.add('new-version');
}

/** A sentence that stays until it is closed. */
export function lasting(words: string, ...also: HTMLElement[]): HTMLElement {
  let all = document.querySelector('.lasting-all');
  if (!all) document.body.append((all = h('div', { class: 'lasting-all', role: 'status' })));
  const bar = h('div', { class: 'lasting' }, h('span', { class: 'grow' }, words), ...also,
    iconButton('close', t('close'), () => bar.remove()));
  all.append(bar);
  return bar;
}

/** In both languages: which one the person reads may be among what cannot be opened. */
export function brokenStart(): HTMLElement {
  const { zh, en } = BROKEN_START;
  return h('main', { id: 'main' }, h('div', { class: 'stack' },
    h('div', { class: 'notice notice-bad', role: 'alert' }, h('p', {}, zh), h('p', { lang: 'en' }, en)),
    button(t('start.again'), () => location.reload(), { kind: 'btn-main btn-wide' })));
}
