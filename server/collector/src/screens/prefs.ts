// How this person likes to read: kept in the browser, nothing confidential in it, gone with signing out.
import type { Language } from '../contract';

export type Theme = 'auto' | 'light' | 'dark';
export type TextSize = 'normal' | 'large' | 'largest';
export type Prefs = {
  language: Language;
  theme: Theme;
  text: TextSize;
  single: boolean; // one question at a time
  today: { on: string; codes: string[] }; // schools picked for today
  recent: string[]; // codes of schools, newest first
};

const KEY = 'liangpai.collector';
const FIRST: Prefs = { language: 'zh', theme: 'auto', text: 'normal', single: false, today: { on: '', codes: [] }, recent: [] };

export function readPrefs(): Prefs {
  try {
    return { ...FIRST, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>) };
  } catch {
    return { ...FIRST };
  }
}

export function writePrefs(change: Partial<Prefs>): Prefs {
  const next = { ...readPrefs(), ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // A browser that keeps nothing: the choice lasts until the page is closed.
  }
  return next;
}

export function forgetPrefs(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

/** Puts theme and text size on the page. */
export function applyPrefs(prefs: Prefs): void {
  const root = document.documentElement;
  root.dataset.text = prefs.text;
  if (prefs.theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = prefs.theme;
  root.dataset.single = prefs.single ? 'yes' : 'no';
}

const dateOf = (at: Date): string =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;

export function todaysSchools(prefs: Prefs, now = new Date()): string[] {
  return prefs.today.on === dateOf(now) ? prefs.today.codes : [];
}

export function toggleToday(code: string, now = new Date()): Prefs {
  const codes = todaysSchools(readPrefs(), now);
  const next = codes.includes(code) ? codes.filter((each) => each !== code) : [...codes, code];
  return writePrefs({ today: { on: dateOf(now), codes: next } });
}

export function remember(code: string): void {
  const recent = readPrefs().recent.filter((each) => each !== code);
  writePrefs({ recent: [code, ...recent].slice(0, 12) });
}
