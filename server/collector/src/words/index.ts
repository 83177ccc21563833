// Every word that people read: Chinese first, English second. A screen asks by key and draws itself anew on a change.
import type { Language, Words } from '../contract';
import { FILL } from './fill';
import { FRAME } from './frame';
import { PHONE } from './phone';
import { VISIT } from './visit';
import { WIDGETS } from './widgets';

export const TEXTS = { ...FRAME, ...VISIT, ...FILL, ...WIDGETS, ...PHONE } as const;
export type Key = keyof typeof TEXTS;

let current: Language = 'zh';
export const language = (): Language => current;

export function setLanguage(next: Language): void {
  current = next;
  document.documentElement.lang = next === 'en' ? 'en' : 'zh-CN';
}

/** The words for a key, `{name}` filled in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const words = TEXTS[key][current === 'en' ? 1 : 0];
  return words.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** The reader's half of a pair of words, or the other where it is empty. */
export const pick = (words: Words): string => (current === 'en' ? words.en || words.zh : words.zh || words.en);

/** Whether a key of this name exists, for words that follow a code of the server. */
export const known = (key: string): key is Key => key in TEXTS;

const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as people read it: the time alone where it is today. */
export function moment(iso: string, now = new Date()): string {
  if (!iso) return '';
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return t('moment.today', { time });
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

export const day = (iso: string): string => iso.slice(0, 10);

export function bytes(number: number): string {
  if (number >= 1e9) return `${(number / 1e9).toFixed(1)} GB`;
  if (number >= 1e6) return `${(number / 1e6).toFixed(1)} MB`;
  return `${Math.max(number ? 1 : 0, Math.round(number / 1e3))} kB`;
}
