// One draft as a row of a list: which checklist, which school, how far.
import type { Draft } from '../contract';
import { moment, t } from '../words';
import { link } from './app';
import { h, icon, svg } from './dom';
import { formTitle, unitName } from './titles';

export function meter(done: number, total: number, label: string): SVGElement {
  const share = total > 0 ? Math.min(1000, Math.round((1000 * done) / total)) : 0;
  return svg('svg', { class: 'meter', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    svg('rect', { x: 0, y: 0, width: share, height: 10 }));
}

export function draftRow(draft: Draft): HTMLElement {
  const progress = t('draft.progress', { done: draft.answered, total: draft.total });
  return h('li', {}, h('a', { class: 'row', href: link('fill', draft.id) },
    h('span', { class: 'grow' }, h('b', {}, unitName(draft)),
      h('span', { class: 'line' }, formTitle(draft.form_id)),
      meter(draft.answered, draft.total, progress),
      h('span', { class: 'muted small line' }, `${progress} · ${t('draft.changed', { at: moment(draft.changed_at) })}`),
      draft.remark || draft.keyed ? h('span', { class: 'tags' }, draft.remark ? h('span', { class: 'tag tag-yellow' }, t('draft.returned')) : null,
        draft.keyed ? h('span', { class: 'tag tag-blue' }, t('draft.keyed')) : null) : null),
    icon('forward')));
}
