// Finds schools by name, code, town, English name or the first letters of the pinyin ("jlrq" finds 九龙仁泉).
import type { School } from '../contract';

// The first character of each letter in the order of pinyin; a character belongs to the last one not behind it.
const LETTERS = 'abcdefghjklmnopqrstwxyz';
const FIRSTS = '阿八嚓哒妸发旮哈讥咔垃妈拿噢妑七呥扨它穵夕丫帀';

let collator: Intl.Collator | null | undefined;
const seen = new Map<string, string>();

function initial(character: string): string {
  const kept = seen.get(character);
  if (kept !== undefined) return kept;
  let letter = '';
  if (/[a-z0-9]/i.test(character)) letter = character.toLowerCase();
  else if (/[\u3400-\u9fff]/.test(character)) letter = pinyinLetter(character);
  seen.set(character, letter);
  return letter;
}

function pinyinLetter(character: string): string {
  if (collator === undefined) {
    collator = new Intl.Collator('zh-CN-u-co-pinyin');
    // A browser without the pinyin order would give wrong letters: none are better.
    if (collator.compare('阿', '八') >= 0 || collator.compare('七', '丫') >= 0 || collator.compare('学', '中') >= 0) collator = null;
  }
  if (!collator) return '';
  let low = 0;
  let high = FIRSTS.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (collator.compare(FIRSTS[middle]!, character) <= 0) low = middle;
    else high = middle - 1;
  }
  return LETTERS[low]!;
}

const initials = (name: string): string => Array.from(name, initial).join('');

export type Index = { school: School; text: string; letters: string }[];

/** Made once for a list; 5,000 schools take some tens of milliseconds. */
export function buildIndex(schools: readonly School[]): Index {
  return schools.map((school) => ({
    school,
    text: `${school.name}\n${school.name_en}\n${school.town}\n${school.code}`.toLowerCase(),
    letters: initials(school.name),
  }));
}

/** The schools that every word of the question fits, best first, at most `limit`, and how many there are in all. */
export function search(index: Index, question: string, limit = 50): { found: School[]; total: number } {
  const words = question.toLowerCase().split(/[\s,，、]+/).filter(Boolean);
  if (!words.length) return { found: index.slice(0, limit).map((each) => each.school), total: index.length };
  const ranked: [number, School][] = [];
  for (const each of index) {
    const rank = rankOf(each, words);
    if (rank >= 0) ranked.push([rank, each.school]);
  }
  ranked.sort((one, other) => one[0] - other[0]);
  return { found: ranked.slice(0, limit).map((each) => each[1]), total: ranked.length };
}

function rankOf(each: Index[number], words: string[]): number {
  let rank = 0;
  for (const word of words) {
    const at = each.text.indexOf(word);
    if (at === 0 || each.school.code.toLowerCase() === word) continue;
    if (at > 0) rank += 1;
    else if (each.letters.startsWith(word)) rank += 2;
    else if (each.letters.includes(word)) rank += 3;
    else return -1;
  }
  return rank;
}

/** Metres between two places on the globe. */
export function metres(a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number }): number {
  const radians = Math.PI / 180;
  const dy = (b.latitude - a.latitude) * radians;
  const dx = (b.longitude - a.longitude) * radians * Math.cos(((a.latitude + b.latitude) / 2) * radians);
  return Math.round(6_371_000 * Math.hypot(dx, dy));
}
