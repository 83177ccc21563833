// Before signing: the lights so far and the findings that the answers propose, the same page for inspector and school.
import type { Proposed } from '../contract';
import { pick, t } from '../words';
import { h } from './dom';
import { severityWords } from './findings';
import { lightBadge } from './lights';
import type { OpenForm } from './ports';

export const severeOf = (proposed: readonly Proposed[]): Proposed[] => proposed.filter((each) => each.severity >= 4 || each.veto > 0);

export function signOff({ session, body }: OpenForm): HTMLElement | null {
  if (!body.items.some((item) => item.choices.some((choice) => choice.light))) return null;
  const score = session.score();
  const proposed = session.proposed();
  return h('section', { class: 'panel signoff', 'aria-labelledby': 'signoff-head' },
    h('h2', { id: 'signoff-head' }, t('signoff.title')),
    h('p', { class: 'muted small' }, t('signoff.words')),
    h('p', { class: 'lights' }, lightBadge('red', score.red), lightBadge('yellow', score.yellow), lightBadge('green', score.green),
      score.open ? h('span', { class: 'muted' }, t('signoff.open', { count: score.open })) : null),
    proposed.length ? h('ol', { class: 'proposals' }, proposed.map((each) => h('li', {}, proposal(each)))) : h('p', { class: 'notice notice-good' }, t('signoff.none')));
}

/** A finding of the footer has no question of its own to be called by. */
export const titleOf = (each: Proposed): string => (each.item === 'ft_a04' ? t('signoff.own') : pick(each.words));

function proposal(each: Proposed): HTMLElement {
  const words = titleOf(each);
  return h('div', { class: `proposal proposal-${each.light}` },
    h('div', { class: 'tags' }, lightBadge(each.light), each.severity ? h('span', { class: `tag ${each.severity >= 3 ? 'tag-red' : 'tag-yellow'}` }, severityWords(each.severity)) : null,
      each.veto ? h('span', { class: 'tag tag-red' }, t('signoff.veto')) : null, h('span', { class: 'tag' }, t('signoff.days', { days: each.days }))),
    h('p', {}, h('b', {}, words)), each.fact && each.fact !== each.words.zh && each.fact !== words ? h('p', {}, each.fact) : null);
}
