// Drawing on a photo: arrow, circle, free line, undo.
import { button, h, icon, type Icon } from '../screens/dom';
import { sheet } from '../screens/overlay';
import { t, type Key } from '../words';
import { readFacts, writeFacts } from './exif';
import { blobNow } from './picture';

type Point = { x: number; y: number };
type Tool = 'arrow' | 'circle' | 'pen';
type Mark = { tool: Tool; points: Point[] };

const TOOLS: [Tool, Icon, Key][] = [['arrow', 'arrow', 'photo.arrow'], ['circle', 'circle', 'photo.circle'], ['pen', 'pen', 'photo.pen']];

/** The photo with what was drawn on it, or null when nothing was. */
export async function annotate(photo: Blob): Promise<Blob | null> {
  const image = new Image();
  const address = URL.createObjectURL(photo);
  image.src = address;
  await image.decode();
  const canvas = h('canvas', { class: 'drawing', 'aria-label': t('photo.canvas'), role: 'img' });
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const pen = canvas.getContext('2d')!;
  const marks: Mark[] = [];
  let tool: Tool = 'arrow';
  const draw = () => {
    pen.drawImage(image, 0, 0);
    marks.forEach((mark) => drawMark(pen, mark, Math.max(4, Math.round(canvas.width / 160))));
  };
  draw();
  follow(canvas, () => marks.push({ tool, points: [] }), (point) => { marks[marks.length - 1]?.points.push(point); draw(); });

  let wanted = false;
  const tools = h('div', { class: 'draw-tools', role: 'group', 'aria-label': t('photo.tools') });
  const drawTools = () => tools.replaceChildren(...TOOLS.map(([name, picture, key]) => h('button', {
    type: 'button', class: 'btn-icon', 'aria-label': t(key), 'aria-pressed': String(tool === name), onclick: () => { tool = name; drawTools(); },
  }, icon(picture))), h('button', { type: 'button', class: 'btn-icon', 'aria-label': t('photo.undo'), onclick: () => { marks.pop(); draw(); } }, icon('undo')),
  button(t('photo.done'), () => { wanted = marks.length > 0; opened.close(); }, { kind: 'btn-main' }));
  const opened = sheet(t('photo.draw'), [h('div', { class: 'draw-area' }, canvas), tools], { full: true });
  drawTools();
  await opened.closed;
  URL.revokeObjectURL(address);
  if (!wanted) return null;
  const jpeg = blobNow(canvas, 'image/jpeg', 0.85);
  const facts = readFacts(await photo.slice(0, 65_536).arrayBuffer());
  return new Blob([writeFacts(await jpeg.arrayBuffer(), facts)], { type: 'image/jpeg' });
}

/** Follows a finger or mouse over a canvas, in the canvas's own points. */
export function follow(canvas: HTMLCanvasElement, begin: () => void, move: (point: Point) => void, end: () => void = () => {}): void {
  let pointer = -1;
  const at = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) * canvas.width) / box.width, y: ((event.clientY - box.top) * canvas.height) / box.height };
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (pointer !== -1) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    event.preventDefault();
    begin();
    move(at(event));
  });
  canvas.addEventListener('pointermove', (event) => { if (event.pointerId === pointer) move(at(event)); });
  const stop = (event: PointerEvent) => {
    if (event.pointerId !== pointer) return;
    pointer = -1;
    end();
  };
  canvas.addEventListener('pointerup', stop);
  canvas.addEventListener('pointercancel', stop);
}

function drawMark(pen: CanvasRenderingContext2D, mark: Mark, width: number): void {
  const first = mark.points[0];
  const last = mark.points[mark.points.length - 1];
  if (!first || !last) return;
  // A white edge keeps the red line visible on dark and on red ground.
  for (const [colour, size] of [['#fff', width * 1.9], ['#d4262a', width]] as const) {
    pen.strokeStyle = colour;
    pen.lineWidth = size;
    pen.lineCap = pen.lineJoin = 'round';
    pen.beginPath();
    if (mark.tool === 'circle') pen.ellipse((first.x + last.x) / 2, (first.y + last.y) / 2, Math.abs(last.x - first.x) / 2, Math.abs(last.y - first.y) / 2, 0, 0, 2 * Math.PI);
    else if (mark.tool === 'pen') mark.points.forEach((point, index) => (index ? pen.lineTo(point.x, point.y) : pen.moveTo(point.x, point.y)));
    else arrow(pen, first, last, width);
    pen.stroke();
  }
}

function arrow(pen: CanvasRenderingContext2D, from: Point, to: Point, width: number): void {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const head = width * 6;
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  for (const turn of [-0.5, 0.5]) {
    pen.moveTo(to.x, to.y);
    pen.lineTo(to.x - head * Math.cos(angle + turn), to.y - head * Math.sin(angle + turn));
  }
}
