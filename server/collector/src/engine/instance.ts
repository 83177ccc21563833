// The submission's XML: reading its answers as the server reads them (forms/submission.py), and its identifiers.
import type { ItemMeaning } from '../contract';

export type Answer = { item: string; value: string; repeat: number };

/** The non-empty answers in the order of the XML. `repeat` counts from 1 inside the innermost repeat, 0 outside. */
export function readAnswers(root: Element, items: readonly ItemMeaning[]): Answer[] {
  const names = new Map(items.map((item) => [item.path, item.name]));
  const repeats = new Set(items.map((item) => item.repeat).filter(Boolean));
  const answers: Answer[] = [];
  walk(root, `/${root.localName}`, 0, { names, repeats, answers });
  return answers;
}

type Walk = { names: Map<string, string>; repeats: Set<string>; answers: Answer[] };

function walk(element: Element, path: string, index: number, found: Walk): void {
  const seen = new Map<string, number>();
  for (const child of element.children) {
    const inner = `${path}/${child.localName}`;
    let place = index;
    if (found.repeats.has(inner)) {
      place = (seen.get(inner) ?? 0) + 1;
      seen.set(inner, place);
    }
    const item = found.names.get(inner);
    if (child.children.length) walk(child, inner, place, found);
    else if (item && child.textContent?.trim()) found.answers.push({ item, value: child.textContent, repeat: place });
  }
}

/** Enketo wants the model as the document's root; the stylesheet puts one around it. */
export function bareModel(model: string): string {
  if (!model.startsWith('<root')) return model;
  return new XMLSerializer().serializeToString(parseInstance(model).querySelector('model')!);
}

/** A model whose empty instanceID is this one, so that a draft keeps its name from its first moment on. */
export function withInstanceId(model: string, id: string): string {
  return model.replace(/<((?:\w+:)?instanceID)(\s[^>]*?)?(?:\/>|><\/\1>)/, (_all, tag: string, rest = '') => {
    return `<${tag}${rest}>${id}</${tag}>`;
  });
}

/** The XML of a new version that corrects `old`: its own instanceID, and deprecatedID naming the old one. */
export function asCorrection(xml: string, id: string, old: string): string {
  const document = parseInstance(xml);
  const meta = [...document.documentElement.children].find((child) => child.localName === 'meta');
  const instance = meta && [...meta.children].find((child) => child.localName === 'instanceID');
  if (!meta || !instance) throw new Error('this submission has no instanceID');
  [...meta.children].filter((child) => child.localName === 'deprecatedID').forEach((child) => child.remove());
  const deprecated = document.createElementNS(instance.namespaceURI, `${prefixOf(instance)}deprecatedID`);
  deprecated.textContent = old;
  instance.textContent = id;
  instance.after(deprecated);
  return new XMLSerializer().serializeToString(document.documentElement);
}

export function parseInstance(xml: string): Document {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  if (document.querySelector('parsererror')) throw new Error('this submission is no XML');
  return document;
}

/** Enketo marks file answers with type="file"; no other client does, so we do not. */
export function withoutMarks(xml: string): string {
  return xml.replace(/(<[^<>]*?)\stype="file"(?=[^<>]*>)/g, '$1');
}

function prefixOf(element: Element): string {
  return element.prefix ? `${element.prefix}:` : '';
}
