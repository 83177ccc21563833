// Small helpers to build a page. Text goes in as text: no HTML string is ever parsed here.

export type Child = Node | string | number | null | undefined | false | Child[];
type Handler = (event: Event) => void;
export type Attributes = Record<string, string | number | boolean | null | undefined | Handler>;

/** An element: attributes by name, `onclick` and the like as listeners, false and null left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value === true ? '' : String(value));
    }
  }
  put(element, children);
  return element;
}

export function put(element: Element, children: Child): void {
  if (Array.isArray(children)) for (const child of children) put(element, child);
  else if (children instanceof Node) element.append(children);
  else if (children !== null && children !== undefined && children !== false) element.append(String(children));
}

/** Replaces everything inside an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  put(element, children);
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(name: string, attributes: Record<string, string | number> = {}, ...children: Element[]): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

// Line drawings in a 24 x 24 box.
const ICONS = {
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  home: 'M4 11l8-7 8 7M6.5 9.5V20h11V9.5M10 20v-5h4v5',
  queue: 'M12 4v11M7.5 8.5L12 4l4.5 4.5M4 15v5h16v-5',
  returned: 'M9 7l-5 5 5 5M4 12h10a6 6 0 016 6v1',
  phone: 'M7.5 3h9v18h-9zM11 18h2',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20',
  list: 'M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.5M4 12h.5M4 18h.5',
  more: 'M5 12h.5M12 12h.5M19 12h.5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 10.2a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4z',
  pen: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  undo: 'M8 6L4 10l4 4M4 10h10a5 5 0 010 10h-3',
  trash: 'M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13',
  place: 'M12 21s6.5-6.2 6.5-11.5a6.5 6.5 0 00-13 0C5.5 14.8 12 21 12 21zM12 7.5a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z',
  mic: 'M12 4a2.5 2.5 0 00-2.5 2.5v5a2.5 2.5 0 005 0v-5A2.5 2.5 0 0012 4zM6.5 11.5a5.5 5.5 0 0011 0M12 17v3.5',
  code: 'M4 5v14M8 5v14M11 5v14M15 5v14M17.5 5v14M20 5v14',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  offline: 'M4 4l16 16M3 9.5a13 13 0 014-2.5M21 9.5A13 13 0 0011 6M7 13.5a7 7 0 013-1.7M17 13.5a7 7 0 00-2-1.3M12 18.5h.5',
  refresh: 'M19.5 8.5a8 8 0 1 0 .3 6M20 4v4.5h-4.5',
  warn: 'M12 4L2.5 20h19zM12 10v4.5M12 17.3v.2',
  star: 'M12 4l2.5 5.3 5.8.7-4.3 4 1.1 5.7L12 16.9l-5.1 2.8L8 14 3.7 10l5.8-.7z',
  arrow: 'M5 19L18 6M9 5.5h9.5V15',
  circle: 'M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z',
  text: 'M5 19L10.5 5h1L17 19M7 14.5h8',
  share: 'M12 15V4M8 8l4-4 4 4M6 12H5v8h14v-8h-1',
} as const;
export type Icon = keyof typeof ICONS;

export function icon(name: Icon): SVGElement {
  return svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: ICONS[name] }));
}

/** A button with a picture and its word. */
export function button(words: string, action: Handler, options: { icon?: Icon; kind?: string; attributes?: Attributes } = {}) {
  return h('button', { type: 'button', class: `btn ${options.kind ?? ''}`.trim(), onclick: action, ...options.attributes },
    options.icon && icon(options.icon), h('span', {}, words));
}

/** A button that shows only a picture: its word is for screen readers. */
export function iconButton(name: Icon, words: string, action: Handler, attributes: Attributes = {}) {
  return h('button', { type: 'button', class: 'btn-icon', 'aria-label': words, title: words, onclick: action, ...attributes },
    icon(name));
}

let counted = 0;
/** A name that no other element has. */
export const newId = (stem: string): string => `${stem}-${(counted += 1)}`;

/** Calls `action` once things have been quiet for `ms`. */
export function quietly(action: () => void, ms: number): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(action, ms);
  };
}

/** Gives a blob to the person as a file. */
export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = h('a', { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
