// Draws the feedback sheet as one tall PNG. Loaded only when somebody asks for it.
import type { Light } from '../contract';
import { t } from '../words';
import { asBlob, decode, type Source } from '../widgets/picture';
import { lightWord, SHAPES } from './lights';
import { Paper, type Words } from './paper';
import { squares } from './qr';
import type { SheetContent, SheetFinding } from './sheet_content';

type Read = (name: string) => Promise<Blob | null>;

const PHOTO_HEIGHT = 150;
const SIGN_HEIGHT = 64;
const QR_WIDTH = 190;
const GAP = 8;

// The colours of style/tokens.css on paper, which is white whatever the screen is.
const INK = '#1c2733', MUTED = '#566270', LINE = '#dbe1e7', BRAND = '#1d4e79';
const LIGHTS: Record<Light, { fill: string; edge: string; mark: string; ink: string }> = {
  green: { fill: '#1e7b5e', edge: '#1e7b5e', mark: '#fff', ink: '#14573f' },
  yellow: { fill: '#f2c14e', edge: '#a87400', mark: '#3a2c00', ink: '#704b00' },
  red: { fill: '#b4373a', edge: '#b4373a', mark: '#fff', ink: '#8f2528' },
  grey: { fill: '#c3cbd4', edge: '#7b8794', mark: '#2f3a46', ink: '#4a5560' },
  na: { fill: '#fff', edge: '#8793a0', mark: '#566270', ink: '#4a5560' },
};
const TEXT: Words = { size: 15, color: INK };
const BOLD: Words = { ...TEXT, weight: 700 };
const SMALL: Words = { size: 13, color: MUTED };

/** The picture, 750 pixels wide unless it grows too tall for a phone. Throws where the browser cannot make it. */
export async function drawSheet(content: SheetContent, read: Read): Promise<Blob> {
  const paper = new Paper();
  const opened: Source[] = [];
  const open = async (name: string): Promise<Source | null> => {
    const blob = name ? await read(name) : null;
    const source = blob && (await decode(blob).catch(() => null));
    if (source) opened.push(source);
    return source;
  };
  try {
    head(paper, content);
    await findings(paper, content, open);
    if (content.said.length) rows(paper, content.said);
    await signatures(paper, content, open);
    foot(paper, content);
    return await asBlob(paper.draw(), 'image/png');
  } finally {
    opened.forEach((source) => source.free());
  }
}

type Open = (name: string) => Promise<Source | null>;

function head(paper: Paper, { facts, lights }: SheetContent): void {
  paper.box(0, 0, paper.whole, 6, BRAND);
  paper.space(14);
  paper.text(t('sheet.title'), { size: 22, weight: 700, color: INK, align: 'center' });
  paper.space(12);
  rows(paper, facts);
  paper.space(4);
  let x = 0;
  for (const [light, count] of [['red', lights.red], ['yellow', lights.yellow], ['green', lights.green]] as const) {
    x = badge(paper, light, x, `${lightWord(light)} ${count}`) + 20;
  }
  paper.space(22 + 16);
}

/** Names in one column, what they say in the next. */
function rows(paper: Paper, given: readonly [string, string][]): void {
  const column = Math.min(120, Math.max(...given.map(([name]) => paper.widthOf(name, TEXT))) + 14);
  for (const [name, value] of given) {
    const top = paper.y;
    const bottom = paper.text(name, { ...TEXT, color: MUTED, width: column - 14 });
    paper.y = top;
    paper.text(value, { ...TEXT, left: column });
    paper.y = Math.max(bottom, paper.y);
    paper.space(5);
  }
  paper.space(9);
}

/** A light's shape and its words at `x`; gives where they end. */
function badge(paper: Paper, light: Light, x: number, words: string): number {
  const { fill, edge, mark, ink } = LIGHTS[light];
  const [outline, inner] = SHAPES[light];
  paper.shape(outline, x, 18, { fill, stroke: edge, width: light === 'yellow' || light === 'grey' ? 1.2 : 0 });
  paper.shape(inner, x, 18, { stroke: mark, width: 2.1 });
  const style: Words = { ...BOLD, color: ink, left: x + 24 };
  const top = paper.y;
  paper.y -= 2;
  paper.text(words, style);
  paper.y = top;
  return x + 24 + paper.widthOf(words, style);
}

async function findings(paper: Paper, content: SheetContent, open: Open): Promise<void> {
  paper.text(t('sheet.findings', { count: content.findings.length }), { size: 17, weight: 700, color: INK });
  paper.space(8);
  if (!content.findings.length) paper.text(t('sheet.findings.none'), TEXT);
  for (const [at, each] of content.findings.entries()) await finding(paper, each, at + 1, open);
  paper.line(LINE);
  paper.space(14);
}

async function finding(paper: Paper, each: SheetFinding, number: number, open: Open): Promise<void> {
  paper.line(LINE);
  paper.space(10);
  const top = paper.y;
  paper.text(`${number}.`, TEXT);
  paper.y = top + 2;
  const after = badge(paper, each.light, paper.widthOf(`${number}. `, TEXT) + 3, lightWord(each.light)) + 8;
  paper.y = top;
  paper.text(each.title, { ...BOLD, indent: after });
  paper.space(3);
  if (each.fact) paper.text(each.fact, TEXT);
  paper.space(3);
  paper.text(each.small, SMALL);
  const photos = (await Promise.all(each.photos.map(open))).filter((photo) => photo !== null);
  if (photos.length) pictures(paper, photos);
  paper.space(10);
}

/** Photos as they are, side by side as long as there is room. */
function pictures(paper: Paper, photos: readonly Source[]): void {
  paper.space(6);
  let x = 0, row = 0;
  for (const photo of photos) {
    const fit = Math.min(PHOTO_HEIGHT / photo.height, paper.width / photo.width);
    const width = photo.width * fit, height = photo.height * fit;
    if (x && x + width > paper.width) {
      paper.space(row + GAP);
      x = row = 0;
    }
    paper.image(photo.image, x, width, height);
    x += width + GAP;
    row = Math.max(row, height);
  }
  paper.space(row);
}

async function signatures(paper: Paper, { signs }: SheetContent, open: Open): Promise<void> {
  const width = (paper.width - 16) / 2;
  const top = paper.y;
  for (const [at, { words, file }] of signs.entries()) {
    const left = at * (width + 16);
    paper.y = top;
    paper.text(words, { ...TEXT, color: MUTED, left, width });
    const made = await open(file);
    const fit = made ? Math.min(width / made.width, SIGN_HEIGHT / made.height) : 0;
    if (made) paper.image(made.image, left, made.width * fit, made.height * fit);
    paper.space(SIGN_HEIGHT);
    paper.line(LINE, left, width);
  }
  paper.space(14);
}

function foot(paper: Paper, { code, id }: SheetContent): void {
  paper.text(t('sheet.note'), SMALL);
  paper.space(12);
  const top = paper.y;
  const wide = paper.squares(squares(code), QR_WIDTH);
  const left = wide + 10;
  paper.space(8);
  paper.text(t('sheet.qr.words'), { ...TEXT, left });
  paper.space(8);
  paper.text(id, { ...SMALL, size: 11, left });
  paper.y = Math.max(paper.y, top + wide);
  paper.space(8);
}
