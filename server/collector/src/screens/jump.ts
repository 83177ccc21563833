// The jump list: every section with how far it is, and below it what is missing or wrong.
import type { FormSession, Missing, PageState } from '../contract';
import { pick, t } from '../words';
import { h, icon } from './dom';
import { meter } from './drafts';
import { sheet } from './overlay';

export function jump(session: FormSession, pages: readonly PageState[], go: (page: number, item?: string) => void, lacking: readonly Missing[] = session.missing()): void {
  const here = session.current();
  const of = (page: number) => lacking.filter((each) => each.page === page).length;
  let chosen: (() => void) | null = null;
  const choose = (action: () => void) => () => {
    chosen = action;
    opened.close();
  };
  const sections = h('ul', { class: 'rows' }, pages.map((page, at) => page.relevant ? h('li', {}, h('button', { type: 'button', class: 'row', 'aria-current': at === here ? 'step' : null, onclick: choose(() => go(at)) },
    h('span', { class: 'grow' }, h('b', {}, pick(page.words)), meter(page.answered, page.total, t('fill.progress', { done: page.answered, total: page.total })),
      h('span', { class: 'muted small line' }, t('fill.progress', { done: page.answered, total: page.total }))),
    of(at) ? h('span', { class: 'tag tag-yellow' }, t('jump.lacking', { count: of(at) })) : h('span', { class: 'tag tag-green' }, icon('check'), t('jump.complete')))) : null));
  const list = lacking.length ? h('section', { class: 'stack' }, h('h3', {}, t('jump.missing', { count: lacking.length })),
    h('ul', { class: 'rows' }, lacking.map((each) => h('li', {}, h('button', { type: 'button', class: 'row', onclick: choose(() => go(each.page, each.item)) },
      h('span', { class: 'grow' }, pick(each.words), h('span', { class: 'small line due-bad' }, each.kind === 'required' ? t('jump.required') : each.message || t('jump.wrong'))), icon('forward'))))))
    : h('p', { class: 'notice notice-good' }, t('jump.nothing'));
  const opened = sheet(t('jump.title'), lacking.length > 0 && lacking.length <= 12 ? [list, sections] : [sections, list]);
  // After the sheet has given the focus back, so that the question found keeps it.
  void opened.closed.then(() => chosen?.());
}
