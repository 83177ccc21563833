// A signature drawn with the finger; whoever cannot draw has the name typed into the picture.
import { h } from '../screens/dom';
import { show } from '../screens/findings';
import { askFor } from '../screens/overlay';
import { t } from '../words';
import { follow } from './annotate';
import { fileAnswer, group, place, word, wordButton, type WidgetContext } from './kit';
import { blobNow } from './picture';

const WIDTH = 960, HEIGHT = 360;

export function signature(question: HTMLElement, item: string, context: WidgetContext): void {
  const answer = fileAnswer(question, item, context);
  const canvas = h('canvas', { class: 'pad', width: WIDTH, height: HEIGHT, 'aria-label': t('signature.pad'), 'data-word-label': 'signature.pad', role: 'img' });
  const pen = canvas.getContext('2d')!;
  const kept = h('div', { class: 'pad-kept' });
  const clear = wordButton('signature.clear', () => void wipe());
  const box = group(question, 'signature', h('div', { class: 'pad-frame' }, canvas, kept, word('signature.here', { class: 'pad-hint' })),
    h('div', { class: 'buttons' }, clear, wordButton('signature.type', () => void type())));
  place(question, box);
  let last: { x: number; y: number } | null = null;

  const blank = () => {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.strokeStyle = pen.fillStyle = '#16283c';
    pen.lineWidth = 6;
    pen.lineCap = pen.lineJoin = 'round';
  };
  const keep = async () => {
    await answer.keep(blobNow(canvas, 'image/png'));
    box.classList.add('is-signed');
  };
  const wipe = async () => {
    blank();
    kept.replaceChildren();
    box.classList.remove('is-signed');
    await answer.clear();
  };
  const type = async () => {
    const name = await askFor(t('signature.type'), t('signature.type.words'), t('signature.name'));
    if (!name) return;
    await wipe();
    pen.font = `${Math.min(150, Math.floor(1500 / Math.max(6, name.length * 2)))}px sans-serif`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText(name, WIDTH / 2, HEIGHT / 2, WIDTH - 40);
    await keep();
  };
  follow(canvas, () => { last = null; box.classList.add('is-signed'); }, (point) => {
    pen.beginPath();
    pen.moveTo(last?.x ?? point.x, last?.y ?? point.y);
    pen.lineTo(point.x + (last ? 0 : 0.1), point.y);
    pen.stroke();
    last = point;
  }, () => void keep());

  blank();
  if (answer.name()) {
    box.classList.add('is-signed');
    void answer.read().then((blob) => {
      if (!blob) return;
      const image = h('img', { alt: t('signature.kept') });
      show(image, blob);
      kept.append(image);
    });
  }
}
