// A light is a shape, a word and a colour: the same shapes as on our pages and charts, so that none is told by colour alone.
import type { Light } from '../contract';
import { t } from '../words';
import { h, svg } from './dom';

const ROUND = 'M1 10a9 9 0 1 0 18 0a9 9 0 1 0-18 0z';
/** The outline and the mark in it, in a 20 x 20 box. */
export const SHAPES: Record<Light, [string, string]> = {
  green: [ROUND, 'M5.8 10.3l2.9 2.9 5.5-6.2'],
  yellow: ['M10 1.3 19.3 18.4H.7z', 'M10 7.6v4.8M10 15v.5'],
  red: ['M4.2 1.2h11.6a3 3 0 0 1 3 3v11.6a3 3 0 0 1-3 3H4.2a3 3 0 0 1-3-3V4.2a3 3 0 0 1 3-3z', 'M6.6 6.6l6.8 6.8M13.4 6.6l-6.8 6.8'],
  grey: ['M10 .8 19.2 10 10 19.2.8 10z', 'M7 10h6'],
  na: [ROUND, 'M5.5 10h9'],
};

export function lightShape(light: Light): SVGElement {
  const [outline, mark] = SHAPES[light];
  return svg('svg', { viewBox: '0 0 20 20', class: `shape shape-${light}`, 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: outline, class: 'shape-fill' }), svg('path', { d: mark, class: 'shape-mark' }));
}

export const lightWord = (light: Light): string => t(`light.${light}`);

export function lightBadge(light: Light, count?: number): HTMLElement {
  return h('span', { class: `light light-${light}` }, lightShape(light), h('span', {}, lightWord(light)),
    count === undefined ? null : h('b', {}, count));
}
