// A photo: from the camera or the album, shrunk, seen, drawn on, taken again or taken away.
import { show, viewPhoto } from '../screens/findings';
import { h } from '../screens/dom';
import { say } from '../screens/overlay';
import { t } from '../words';
import { annotate } from './annotate';
import { fileAnswer, group, namedButton, place, word, wordButton, type WidgetContext } from './kit';
import { shrink } from './picture';

export function photo(question: HTMLElement, item: string, context: WidgetContext): void {
  const answer = fileAnswer(question, item, context);
  const preview = h('div', { class: 'photo-preview' });
  const camera = picker(true);
  const album = picker(false);
  const buttons = h('div', { class: 'buttons' },
    wordButton('photo.take', () => camera.click(), { icon: 'camera', kind: 'btn-take' }), wordButton('photo.album', () => album.click()));
  const box = group(question, 'photo', camera, album, preview, buttons);
  place(question, box);

  const keep = async (blob: Blob) => {
    await answer.keep(blob);
    await draw();
  };
  const take = async (event: Event) => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    box.setAttribute('aria-busy', 'true');
    try {
      await keep(await shrink(file, context.settings.photo_pixels));
    } catch (error) {
      console.error(error);
      say(t(error instanceof DOMException && error.name === 'QuotaExceededError' ? 'photo.full' : 'photo.failed'));
    }
    box.removeAttribute('aria-busy');
  };
  camera.addEventListener('change', (event) => void take(event));
  album.addEventListener('change', (event) => void take(event));

  const draw = async () => {
    const name = answer.name();
    const blob = name ? await answer.read() : null;
    box.classList.toggle('has-photo', Boolean(name));
    preview.replaceChildren();
    if (!name) return;
    if (!blob) { preview.append(h('p', { class: 'notice' }, word('photo.elsewhere'))); return; }
    const image = h('img', { alt: t('photo.alt') });
    show(image, blob);
    preview.append(
      h('button', { type: 'button', class: 'photo-open', onclick: () => viewPhoto(image.src, t('photo.alt')) }, image),
      h('div', { class: 'photo-tools' },
        namedButton('pen', 'photo.draw', () => void annotate(blob).then((drawn) => (drawn ? keep(drawn) : undefined))),
        namedButton('trash', 'photo.remove', () => void answer.clear().then(draw))));
  };
  void draw();
}

/** The browser's own chooser, which the buttons open. */
function picker(camera: boolean): HTMLInputElement {
  return h('input', { type: 'file', class: 'ignore', accept: 'image/*', capture: camera ? 'environment' : null, hidden: true, tabindex: -1 });
}
