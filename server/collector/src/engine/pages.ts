// One section of the checklist is one page: shown as a whole, the others hidden. Enketo's own pages are not used.
import type { FormBody, Words } from '../contract';
import './pages.css';

export type Page = { name: string; words: Words; elements: HTMLElement[] };

const PART = '.or-group, .or-group-data, .or-repeat, .or-repeat-info, .question';

/** The form's pages in order: each outermost group, and each run of questions that stand in none. */
export function pagesOf(form: HTMLFormElement, body: FormBody): Page[] {
  const words = new Map(body.sections.map((section) => [section.name, section.words]));
  const pages: Page[] = [];
  let loose: Page | null = null;
  for (const element of form.children as Iterable<HTMLElement>) {
    if (!element.matches(PART)) continue;
    const name = (element.getAttribute('name') ?? '').split('/')[2] ?? '';
    if (element.matches('.or-group, .or-group-data') && element.querySelector('.question, .or-repeat-info')) {
      pages.push({ name, words: words.get(name) ?? titleOf(element, name), elements: [element] });
      loose = null;
    } else if (!element.matches('.unit-question')) {
      if (!loose) pages.push((loose = { name, words: body.title, elements: [] }));
      loose.elements.push(element);
    }
  }
  return pages;
}

function titleOf(group: HTMLElement, name: string): Words {
  const heading = group.querySelector(':scope > h4')?.textContent?.trim() ?? name;
  return { zh: heading, en: heading };
}

export function isRelevant(page: Page): boolean {
  return page.elements.some((element) => !element.classList.contains('disabled'));
}

export function show(pages: readonly Page[], current: number): void {
  pages.forEach((page, n) => page.elements.forEach((element) => (element.hidden = n !== current)));
}

/** The next page in this direction that is asked at all, or the same one. */
export function neighbour(pages: readonly Page[], from: number, step: 1 | -1): number {
  for (let n = from + step; n >= 0 && n < pages.length; n += step) {
    if (isRelevant(pages[n]!)) return n;
  }
  return from;
}
