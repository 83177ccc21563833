// Answers as buttons for the thumb: where an answer has a light, its shape and its word stand on the button.
import type { ItemMeaning } from '../contract';
import { lightShape } from '../screens/lights';
import { h } from '../screens/dom';
import { word } from './kit';

export function answers(question: HTMLElement, item: ItemMeaning | undefined): void {
  const wrapper = question.querySelector<HTMLElement>('.option-wrapper');
  if (!wrapper) return;
  const labels = [...wrapper.querySelectorAll<HTMLElement>('label')].filter((label) => label.querySelector('input'));
  const longest = Math.max(0, ...(item?.choices ?? []).map((choice) => Math.max(choice.words.zh.length * 2, choice.words.en.length)));
  wrapper.classList.add('answers');
  if (labels.length > 5 || longest > 16 || (labels.length > 3 && longest > 12)) wrapper.classList.add('answers-tall');
  wrapper.dataset.count = String(labels.length);
  for (const label of labels) {
    const value = label.querySelector('input')!.value;
    const light = item?.choices.find((choice) => choice.value === value)?.light;
    label.classList.add('answer');
    if (!light) continue;
    label.dataset.light = light;
    label.querySelector('input')!.after(lightShape(light));
    if (light !== 'na') label.append(h('small', { class: 'answer-light' }, word(`light.${light}`)));
  }
}
