// Answers as buttons for the thumb: where an answer has a light, its shape and its word stand on the button.
import type { ItemMeaning } from '../contract';
import { lightShape } from '../screens/lights';
import { h } from '../screens/dom';
import { group, place, word } from './kit';

// Side by side as far as the words fit a narrow phone, in a grid where they are short, else below each other.
const ROOM = 326, CHINESE = 16, ENGLISH = 6.6, PADDING = 12;

function layout(count: number, item: ItemMeaning | undefined): string {
  const words = (item?.choices ?? []).map((choice) => choice.words);
  const chinese = Math.max(0, ...words.map(({ zh }) => zh.length)) * CHINESE;
  const english = Math.max(0, ...words.map(({ en }) => en.length)) * ENGLISH;
  const longest = Math.max(0, ...words.flatMap(({ en }) => en.split(/\s+/).map((word) => word.length))) * ENGLISH;
  const each = ROOM / count - PADDING;
  if (count <= 4 && chinese <= each && longest <= each + 4 && english <= 2.2 * each) return 'answers-row';
  return chinese <= ROOM / 2 - 60 && english <= 2 * (ROOM / 2 - 60) ? 'answers-grid' : 'answers-tall';
}

export function answers(question: HTMLElement, item: ItemMeaning | undefined): void {
  const wrapper = question.querySelector<HTMLElement>('.option-wrapper');
  if (!wrapper) return;
  const labels = [...wrapper.querySelectorAll<HTMLElement>('label')].filter((label) => label.querySelector('input'));
  wrapper.classList.add(layout(labels.length, item));
  for (const label of labels) {
    const input = label.querySelector('input')!;
    const { value } = input;
    const light = item?.choices.find((choice) => choice.value === value)?.light;
    label.classList.add('answer');
    const face = withFace(input);
    if (!light) continue;
    label.dataset.light = light;
    face.after(lightShape(light));
    if (light !== 'na') label.append(h('small', { class: 'answer-light' }, word(`light.${light}`)));
  }
}

/** What is drawn behind the words; the style colours it by the input before it, so that it can never be out of step. */
function withFace(input: HTMLInputElement): HTMLElement {
  const face = h('span', { class: 'face', 'aria-hidden': 'true' });
  input.after(face);
  if (input.type === 'checkbox') face.after(h('span', { class: 'box', 'aria-hidden': 'true' }));
  return face;
}

/** A list of which several may be chosen, as buttons instead of the browser's list. */
export function several(question: HTMLElement, select: HTMLSelectElement): void {
  select.classList.add('is-covered');
  const box = group(question, 'option-wrapper answers-grid');
  const draw = () => box.replaceChildren(...[...select.options].filter((option) => option.value).map((option) => {
    const input = h('input', { type: 'checkbox', class: 'ignore', value: option.value, checked: option.selected });
    input.addEventListener('change', (event) => {
      event.stopPropagation();
      option.selected = input.checked;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
    const label = h('label', { class: 'answer' }, input, h('span', { class: 'option-label active' }, option.textContent));
    withFace(input);
    return label;
  }));
  question.closest('form')?.addEventListener('relabel', draw);
  select.addEventListener('inputupdate', draw);
  draw();
  place(question, box);
}
