// The findings that answers propose, by the rules of scorecards/findings.py: the inspector and the school discuss the
// same list that the reviewer will see. tests/collector proves that both give the same.
import type { FormBody, ItemMeaning, Light, Proposed } from '../contract';
import type { Answer } from './instance';

const ROUTE_OF_SEVERITY: Record<number, number> = { 1: 1, 2: 2, 3: 3, 4: 3 };
const DAYS_OF_SEVERITY: Record<string, number> = { '1': 30, '2': 15, '3': 7, '4': 3 };
const PARTIAL_FROM = 2; // a partial answer is a finding from S2 on
const KEEP_WORDS = 300;
const FACT = 'ft_a04';
const PHOTO = 'ft_a05';
const SEVERITY = 'ft_a06';
const ROUTE = 'ft_a07';
const DAYS = 'ft_a08';

type Known = Map<string, Map<number, string>>;

/** In the order of the form; the footer's own findings last. */
export function propose(body: Pick<FormBody, 'items' | 'days'>, answers: readonly Answer[]): Proposed[] {
  const known = byItem(answers);
  const companions = new Map<string, ItemMeaning[]>();
  for (const item of body.items) {
    if (item.companion_of) companions.set(item.companion_of, [...(companions.get(item.companion_of) ?? []), item]);
  }
  const found: Proposed[] = [];
  for (const item of body.items) {
    if (item.role !== 'item' || !item.severity) continue;
    for (const [repeat, value] of inOrder(known.get(item.name))) {
      const light = lightOf(item, value);
      if (light !== 'red' && !(light === 'yellow' && item.severity >= PARTIAL_FROM)) continue;
      found.push(fromItem(item, repeat, light, known, companions.get(item.name) ?? [], body));
    }
  }
  return [...found, ...fromFooter(body, known)];
}

/** What the lit answers amount to so far; `open` are lit questions that are asked and not answered. */
export function tally(
  items: readonly ItemMeaning[], answers: readonly Answer[], asked: number,
): { green: number; yellow: number; red: number; open: number } {
  const known = byItem(answers);
  const count = { green: 0, yellow: 0, red: 0, open: 0 };
  let answered = 0;
  for (const item of items) {
    if (item.role !== 'item' || !isLit(item)) continue;
    for (const value of known.get(item.name)?.values() ?? []) {
      answered += 1;
      const light = lightOf(item, value);
      if (light === 'green' || light === 'yellow' || light === 'red') count[light] += 1;
    }
  }
  return { ...count, open: Math.max(0, asked - answered) };
}

export function isLit(item: ItemMeaning): boolean {
  return item.choices.some((choice) => choice.light);
}

/** The worst light of the chosen answers; grey (under verification) counts for nothing. */
export function lightOf(item: ItemMeaning, value: string): Light | '' {
  const lights = new Map(item.choices.filter((choice) => choice.light).map((choice) => [choice.value, choice.light]));
  if (!lights.size) return item.zero && isPositive(value) ? 'red' : '';
  const chosen = value.split(/\s+/).map((name) => lights.get(name) ?? '');
  return (['red', 'yellow', 'green', 'na'] as const).find((light) => chosen.includes(light)) ?? '';
}

function fromItem(
  item: ItemMeaning, repeat: number, light: Light, known: Known, companions: ItemMeaning[], body: Pick<FormBody, 'days'>,
): Proposed {
  const said = (role: string) =>
    companions.filter((entry) => entry.role === role).map((entry) => known.get(entry.name)?.get(repeat) ?? '');
  const notes = said('note_companion').map((note) => note.trim()).filter(Boolean);
  return {
    item: item.name,
    repeat,
    words: item.words,
    light,
    severity: item.severity,
    route: item.route || ROUTE_OF_SEVERITY[item.severity]!,
    days: item.days || daysOf(body, item.severity),
    veto: light === 'red' ? item.veto : 0,
    fact: cut(notes.join(' ') || item.words.zh || item.words.en || item.name),
    photos: said('photo_companion').filter(Boolean),
  };
}

/** The footer's repeat: one finding for each instance that has a severity or a fact. */
function fromFooter(body: Pick<FormBody, 'items' | 'days'>, known: Known): Proposed[] {
  const places = new Set([...(known.get(FACT)?.keys() ?? []), ...(known.get(SEVERITY)?.keys() ?? [])]);
  const words = body.items.find((item) => item.name === FACT)?.words ?? { zh: '', en: '' };
  const photos = body.items.map((item) => item.name).filter((name) => name.startsWith(PHOTO));
  return [...places].sort((a, b) => a - b).map((repeat) => {
    const said = (name: string) => known.get(name)?.get(repeat) ?? '';
    const severity = level(said(SEVERITY)) || 1;
    return {
      item: FACT,
      repeat,
      words,
      light: 'red' as const,
      severity,
      route: level(said(ROUTE)) || ROUTE_OF_SEVERITY[severity]!,
      days: whole(said(DAYS)) || daysOf(body, severity),
      veto: 0,
      fact: cut(said(FACT).trim()),
      photos: photos.map(said).filter(Boolean),
    };
  });
}

function byItem(answers: readonly Answer[]): Known {
  const known: Known = new Map();
  for (const { item, repeat, value } of answers) {
    if (!known.has(item)) known.set(item, new Map());
    known.get(item)!.set(repeat, value);
  }
  return known;
}

function inOrder(values: Map<number, string> | undefined): [number, string][] {
  return [...(values ?? [])].sort((a, b) => a[0] - b[0]);
}

function daysOf(body: Pick<FormBody, 'days'>, severity: number): number {
  return body.days?.[String(severity)] ?? DAYS_OF_SEVERITY[String(severity)] ?? 0;
}

/** `S3`, `R3` or `3` as 3; 0 for anything else. */
function level(text: string): number {
  const digit = text.trim().replace(/^[SsRr]+/, '');
  return ['1', '2', '3', '4'].includes(digit) ? Number(digit) : 0;
}

function whole(text: string): number {
  return /^[0-9]+$/.test(text.trim()) ? Number(text.trim()) : 0;
}

/** A count above zero with at most four decimals; anything finer is no count (forms.meaning.to_fixed). */
function isPositive(text: string): boolean {
  const parts = /^\+?([0-9]*)\.?([0-9]*)$/.exec(text.trim());
  if (!parts || !(parts[1] || parts[2])) return false;
  return /^[0-9]{0,4}0*$/.test(parts[2]!) && /[1-9]/.test(parts[1]! + parts[2]!);
}

function cut(text: string): string {
  return [...text].slice(0, KEEP_WORDS).join('');
}
