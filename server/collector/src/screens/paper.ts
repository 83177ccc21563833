// A sheet of paper as wide as a phone and as long as what is written on it: laid out first, then drawn twice as large.

const WIDTH = 375;
const MARGIN = 16;
const SCALE = 2;
const TALLEST = 16_000; // pixels; taller pictures fail on some phones
const LEADING = 1.5; // a line's height, in sizes of its letters
// Letters and marks that must not begin, or end, a line of Chinese.
const NOT_FIRST = /^[，。、；：！？）】》」』”’…—·,.;:!?)\]%]/;
const NOT_LAST = /[（【《「『“‘([]$/;
const LAST_PIECE = /(?:[\x21-\x7e\u00c0-\u024f]+|[^])$/u;
const PIECES = /[\x21-\x7e\u00c0-\u024f]+|\s+|[^]/gu;

export type Words = {
  size: number; color: string; weight?: number; align?: 'center';
  left?: number; width?: number; // the column
  indent?: number; // where its first line begins
};
type Brush = { fill?: string; stroke?: string; width?: number };

/** Everything is measured from the left margin and from `y`, the height reached so far. */
export class Paper {
  readonly whole = WIDTH;
  readonly width = WIDTH - 2 * MARGIN;
  y = 0;
  private readonly family = getComputedStyle(document.body).fontFamily;
  private readonly measure = document.createElement('canvas').getContext('2d')!;
  private readonly strokes: ((pen: CanvasRenderingContext2D) => void)[] = [];

  space(height: number): void {
    this.y += height;
  }

  widthOf(words: string, style: Words): number {
    this.measure.font = this.font(style);
    return this.measure.measureText(words).width;
  }

  /** Writes in as many lines as it takes; gives the height reached. */
  text(words: string, style: Words): number {
    const { left = 0, indent = 0, size } = style;
    const column = style.width ?? this.width - left;
    lines(words, (n) => column - (n ? 0 : indent), (text) => this.widthOf(text, style)).forEach((line, n) => {
      const free = style.align ? (column - this.widthOf(line, style)) / 2 : 0;
      const x = MARGIN + left + (n ? 0 : indent) + free, y = this.y + (size * LEADING) / 2;
      this.strokes.push((pen) => {
        pen.font = this.font(style);
        pen.fillStyle = style.color;
        pen.fillText(line, x, y);
      });
      this.y += size * LEADING;
    });
    return this.y;
  }

  /** From the edge of the paper, not the margin. */
  box(x: number, y: number, width: number, height: number, color: string): void {
    this.strokes.push((pen) => {
      pen.fillStyle = color;
      pen.fillRect(x, y, width, height);
    });
  }

  line(color: string, left = 0, width = this.width): void {
    this.box(MARGIN + left, Math.round(this.y), width, 1, color);
  }

  image(source: CanvasImageSource, left: number, width: number, height: number): void {
    const { y } = this;
    this.strokes.push((pen) => pen.drawImage(source, MARGIN + left, y, width, height));
  }

  /** A path of a 20 x 20 box, drawn `size` large. */
  shape(path: string, left: number, size: number, { fill, stroke, width = 0 }: Brush): void {
    const { y } = this;
    this.strokes.push((pen) => {
      pen.save();
      pen.translate(MARGIN + left, y);
      pen.scale(size / 20, size / 20);
      if (fill) {
        pen.fillStyle = fill;
        pen.fill(new Path2D(path));
      }
      if (stroke && width) {
        pen.strokeStyle = stroke;
        pen.lineWidth = width;
        pen.stroke(new Path2D(path));
      }
      pen.restore();
    });
  }

  /** The squares of a QR code, each a whole number of pixels, so that cameras find their edges; gives how wide it is. */
  squares(rows: readonly boolean[][], width: number): number {
    const side = Math.max(1, Math.round((width * SCALE) / rows.length)) / SCALE;
    const top = Math.round(this.y * SCALE) / SCALE;
    this.strokes.push((pen) => {
      pen.fillStyle = '#000';
      rows.forEach((row, down) => row.forEach((dark, across) => {
        if (dark) pen.fillRect(MARGIN + across * side, top + down * side, side, side);
      }));
    });
    return side * rows.length;
  }

  /** All of it on a canvas. Throws where the browser has no room for one. */
  draw(): HTMLCanvasElement {
    const height = this.y + MARGIN;
    const scale = Math.min(SCALE, TALLEST / height);
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(WIDTH * scale);
    canvas.height = Math.ceil(height * scale);
    const pen = canvas.getContext('2d')!;
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.scale(scale, scale);
    pen.textBaseline = 'middle';
    pen.lineCap = pen.lineJoin = 'round';
    pen.imageSmoothingQuality = 'high';
    this.strokes.forEach((stroke) => stroke(pen));
    return canvas;
  }

  private font({ size, weight = 400 }: Words): string {
    return `${weight} ${size}px ${this.family}`;
  }
}

/** Words in lines of at most `room(n)` each: Chinese breaks anywhere but around its marks, other words between them. */
export function lines(words: string, room: (line: number) => number, widthOf: (text: string) => number): string[] {
  const made: string[] = [];
  for (const paragraph of words.split('\n')) {
    let line = '';
    const fits = (text: string) => widthOf(text.trimEnd()) <= room(made.length);
    for (const piece of paragraph.match(PIECES) ?? []) {
      if (fits(line + piece)) { line += piece; continue; }
      let rest = piece.trimStart();
      if (line.trim()) {
        const [stays, goes] = parted(line, rest);
        made.push(stays.trimEnd());
        rest = goes + rest;
      }
      line = '';
      // A word longer than a line: an address, an identifier.
      for (const letter of rest) {
        if (line && !fits(line + letter)) { made.push(line); line = ''; }
        line += letter;
      }
    }
    made.push(line.trimEnd());
  }
  return made;
}

/** What of a line stays in it and what goes down with the piece that follows. */
function parted(line: string, next: string): [string, string] {
  const last = NOT_FIRST.test(next) || NOT_LAST.test(line) ? LAST_PIECE.exec(line)![0] : '';
  return last.length < line.length ? [line.slice(0, line.length - last.length), last] : [line, ''];
}
