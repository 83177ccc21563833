// How to use it. Read on the phone, without a network.
import { pick, t } from '../words';
import { GUIDE } from '../words/guide';
import type { View } from './app';
import { h } from './dom';

export function helpScreen(): View {
  const parts = GUIDE.map(({ title, steps }) => h('section', { class: 'panel' }, h('h2', {}, words(title)),
    h('ol', { class: 'steps' }, steps.map((step) => h('li', {}, words(step))))));
  return { title: t('help.title'), back: '#/phone', body: h('div', { class: 'stack' }, parts) };
}

const words = ([zh, en]: readonly [string, string]): string => pick({ zh, en });
