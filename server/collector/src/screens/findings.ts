// An open finding with its old photos, as it stands in a school's page and beside its re-check.
import type { OpenFinding } from '../contract';
import { day, known, pick, t } from '../words';
import type { App } from './app';
import { h, icon } from './dom';
import { sheet } from './overlay';

export function findingCard(app: App, finding: OpenFinding): HTMLElement {
  const late = finding.due_on && finding.due_on < new Date().toISOString().slice(0, 10);
  const state = `finding.state.${finding.state}`;
  return h('article', { class: `finding finding-${finding.severity}` },
    h('div', { class: 'tags' },
      h('span', { class: `tag ${finding.severity >= 3 ? 'tag-red' : 'tag-yellow'}` }, severityWords(finding.severity)),
      known(state) ? h('span', { class: 'tag tag-blue' }, t(state)) : null,
      finding.on_site ? h('span', { class: 'tag' }, t('finding.on_site')) : null,
      late ? h('span', { class: 'tag tag-red' }, t('finding.overdue')) : null),
    h('h3', {}, pick(finding.title)),
    finding.fact ? h('p', {}, finding.fact) : null,
    h('p', { class: 'muted small' }, [finding.code, t('finding.found', { on: day(finding.found_on) }), finding.due_on ? t('finding.due', { on: day(finding.due_on) }) : ''].filter(Boolean).join(' · ')),
    finding.photos.length ? oldPhotos(app, finding) : null);
}

export function severityWords(severity: number): string {
  const key = `severity.${severity}`;
  return known(key) ? t(key) : '';
}

function oldPhotos(app: App, finding: OpenFinding): HTMLElement {
  return h('ul', { class: 'photos' }, finding.photos.map((photo, at) => {
    const image = h('img', { alt: t('finding.photo', { number: at + 1, code: finding.code }), loading: 'lazy', width: 96, height: 72 });
    const frame = h('button', { type: 'button', onclick: () => viewPhoto(image.src, image.alt) }, image);
    void app.phone.media(photo.url).then((blob) => {
      if (blob) show(image, blob);
      else frame.replaceWith(h('span', { class: 'photo-away' }, icon('offline'), h('span', { class: 'small' }, t('finding.photo.away'))));
    });
    return h('li', {}, frame);
  }));
}

/** Shows a blob in a picture and lets go of it once drawn. */
export function show(image: HTMLImageElement, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  image.src = address;
}

export function viewPhoto(source: string, words: string): void {
  if (!source) return;
  sheet(words, h('img', { class: 'photo-large', src: source, alt: words }), { full: true });
}
