// How this person likes to read: text size, one question at a time, dark or light.
import { t, type Key } from '../words';
import { h } from './dom';
import { applyPrefs, readPrefs, writePrefs, type Prefs } from './prefs';

function choice<K extends 'text' | 'theme'>(name: K, label: Key, options: [Prefs[K], Key][], changed: () => void): HTMLElement {
  const group = h('div', { class: 'choices', role: 'group', 'aria-label': t(label) });
  const draw = () => group.replaceChildren(...options.map(([value, word]) => h('button', {
    type: 'button', 'aria-pressed': String(readPrefs()[name] === value),
    onclick: (event) => {
      applyPrefs(writePrefs({ [name]: value }));
      draw();
      const at = options.findIndex(([each]) => each === value);
      (group.children[at] as HTMLElement).focus();
      event.stopPropagation();
      changed();
    },
  }, t(word))));
  draw();
  return h('div', {}, h('p', { class: 'field-label' }, t(label)), group);
}

/** The three choices; `changed` is called after each. */
export function readingChoices(changed: () => void = () => {}): HTMLElement {
  const single = h('input', { type: 'checkbox', checked: readPrefs().single });
  single.addEventListener('change', () => {
    applyPrefs(writePrefs({ single: single.checked }));
    changed();
  });
  return h('div', { class: 'stack' },
    choice('text', 'reading.text', [['normal', 'reading.text.normal'], ['large', 'reading.text.large'], ['largest', 'reading.text.largest']], changed),
    choice('theme', 'reading.theme', [['auto', 'reading.theme.auto'], ['light', 'reading.theme.light'], ['dark', 'reading.theme.dark']], changed),
    h('label', { class: 'tick' }, single, h('span', { class: 'grow' }, t('reading.single'))));
}

export const readingPanel = (): HTMLElement => h('section', { class: 'panel' }, h('h2', {}, t('reading.title')), readingChoices());
