// A QR code of a text, drawn here: nothing leaves the phone.
import { encode } from 'uqr';
import { svg } from './dom';

const ROOM = 900; // bytes that a cheap camera still reads from a phone's screen

const length = (text: string): number => new TextEncoder().encode(text).length;

/** Whole lines as long as there is room, then the last line that must not be missing. */
export function fitting(lines: readonly string[], last: string): string {
  const kept: string[] = [];
  let room = ROOM - length(last) - 1;
  for (const line of lines) {
    room -= length(line) + 1;
    if (room < 0) { kept.push('…'); break; }
    kept.push(line);
  }
  return [...kept, last].join('\n');
}

/** Its dark and light squares, row by row, a quiet border of three around them. */
export const squares = (text: string): boolean[][] => encode(text, { ecc: 'L', border: 3 }).data;

export function qrCode(text: string, label: string): SVGElement {
  const data = squares(text);
  const size = data.length;
  let path = '';
  data.forEach((row, y) => row.forEach((dark, x) => { if (dark) path += `M${x} ${y}h1v1h-1z`; }));
  return svg('svg', { class: 'qr', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' },
    svg('rect', { width: size, height: size, class: 'qr-paper' }), svg('path', { d: path, class: 'qr-ink' }));
}
