// Each answer's light, put on its label for the style to show as colour and word together.
import type { FormBody, ItemMeaning, Language, Light } from '../contract';

const LIGHT_WORDS: Record<Language, Record<Light, string>> = {
  zh: { green: '绿', yellow: '黄', red: '红', grey: '待核', na: '不适用' },
  en: { green: 'Green', yellow: 'Yellow', red: 'Red', grey: 'To verify', na: 'N/A' },
};

/** Sets data-light and data-light-word on the options below `root`, and data-severity and data-veto on questions. */
export function mark(root: ParentNode, body: FormBody, language: Language): void {
  for (const item of body.items) {
    if (!item.severity && !item.choices.some((choice) => choice.light)) continue;
    for (const input of root.querySelectorAll<HTMLInputElement>(`[data-name="${item.path}"], [name="${item.path}"]`)) {
      markQuestion(input.closest<HTMLElement>('.question'), item);
      const light = item.choices.find((choice) => choice.value === input.value)?.light;
      const label = input.closest('label');
      if (!light || !label || !['radio', 'checkbox'].includes(input.type)) continue;
      label.dataset['light'] = light;
      label.dataset['lightWord'] = LIGHT_WORDS[language][light];
    }
  }
}

function markQuestion(question: HTMLElement | null, item: ItemMeaning): void {
  if (!question) return;
  question.dataset['item'] = item.name;
  if (item.severity) question.dataset['severity'] = `S${item.severity}`;
  if (item.veto) question.dataset['veto'] = `V${item.veto}`;
}
