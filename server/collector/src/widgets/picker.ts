// A long list of choices: a button that shows the choice, and a sheet with a search field.
import { fill, h, icon, newId, quietly } from '../screens/dom';
import { sheet } from '../screens/overlay';
import { t } from '../words';
import { group, place, setControl, type Control } from './kit';

type Option = { value: string; label: string };

const SHOWN = 60;

/** The form's own options as they stand now: they may depend on other answers and on the language. */
function optionsOf(question: Element, control: Control): Option[] {
  const list = control.getAttribute('list');
  const source = list ? (question.querySelector(`datalist[id="${CSS.escape(list)}"]`) ?? document.getElementById(list)) : control;
  const words = new Map([...question.querySelectorAll<HTMLElement>('.or-option-translations > .active')].map((each) => [each.dataset.optionValue ?? '', each.textContent ?? '']));
  return [...(source?.querySelectorAll('option') ?? [])]
    .filter((option) => !option.classList.contains('itemset-template') && option.value)
    .map((option) => {
      const value = option.dataset.value ?? option.value;
      return { value, label: words.get(value) || option.textContent || option.value };
    });
}

export function picker(question: HTMLElement, control: Control): void {
  const button = h('button', { type: 'button', class: 'btn picker', 'aria-haspopup': 'dialog', onclick: () => open() });
  control.classList.add('is-covered');
  control.tabIndex = -1;
  control.setAttribute('aria-hidden', 'true');
  place(question, group(question, 'picked', button));
  const draw = () => {
    const options = optionsOf(question, control);
    // A list that nobody filled here offers nothing: the question is answered by hand in the next one.
    question.classList.toggle('is-system', !options.length && !control.value && !control.dataset.required);
    const chosen = options.find((option) => option.value === control.value);
    fill(button, h('span', { class: chosen ? 'grow' : 'grow muted' }, chosen?.label ?? (control.value || t('picker.choose'))), icon('list'));
  };
  const open = () => {
    const options = optionsOf(question, control);
    const title = (question.querySelector('.question-label.active') ?? question.querySelector('.question-label'))?.textContent?.trim() ?? '';
    const id = newId('find');
    const input = h('input', { class: 'input', type: 'search', id, autocomplete: 'off' });
    const list = h('ul', { class: 'rows' });
    const count = h('p', { class: 'muted small', role: 'status' });
    const opened = sheet(title, h('div', { class: 'stack' },
      options.length > 8 ? h('div', { class: 'searchbox' }, h('label', { for: id, class: 'unseen' }, t('picker.search')), icon('search'), input) : null, count, list));
    const choose = (value: string) => { setControl(control, value); draw(); opened.close(); };
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fitting = options.filter((option) => words.every((each) => `${option.label} ${option.value}`.toLowerCase().includes(each)));
      count.textContent = options.length > 8 ? t('picker.count', { shown: Math.min(SHOWN, fitting.length), total: fitting.length }) : '';
      fill(list, fitting.slice(0, SHOWN).map((option) => h('li', {}, h('button', { type: 'button', class: 'row', 'aria-pressed': String(option.value === control.value), onclick: () => choose(option.value) },
        h('span', { class: 'grow' }, option.label, !option.label.includes(option.value) && options.length > 30 ? h('span', { class: 'muted small line' }, option.value) : null),
        option.value === control.value ? icon('check') : null))));
    };
    input.addEventListener('input', quietly(show, 60));
    show();
    if (options.length > 8) input.focus();
  };
  control.addEventListener('change', draw);
  control.addEventListener('inputupdate', draw);
  for (const name of ['relabel', 'pageflip', 'addrepeat']) question.closest('form')?.addEventListener(name, draw);
  draw();
}
