// A light is a shape, a word and a colour: the same shapes as on our pages and charts, so that none is told by colour alone.
import type { Light } from '../contract';
import { t } from '../words';
import { h, svg } from './dom';

const SHAPES: Record<Light, [string, Record<string, string | number>, string]> = {
  green: ['circle', { cx: 10, cy: 10, r: 9 }, 'M5.8 10.3l2.9 2.9 5.5-6.2'],
  yellow: ['path', { d: 'M10 1.3 19.3 18.4H.7z' }, 'M10 7.6v4.8M10 15v.5'],
  red: ['rect', { x: 1.2, y: 1.2, width: 17.6, height: 17.6, rx: 3 }, 'M6.6 6.6l6.8 6.8M13.4 6.6l-6.8 6.8'],
  grey: ['path', { d: 'M10 .8 19.2 10 10 19.2.8 10z' }, 'M7 10h6'],
  na: ['circle', { cx: 10, cy: 10, r: 9 }, 'M5.5 10h9'],
};

export function lightShape(light: Light): SVGElement {
  const [name, attributes, mark] = SHAPES[light];
  return svg('svg', { viewBox: '0 0 20 20', class: `shape shape-${light}`, 'aria-hidden': 'true', focusable: 'false' },
    svg(name, { ...attributes, class: 'shape-fill' }), svg('path', { d: mark, class: 'shape-mark' }));
}

export const lightWord = (light: Light): string => t(`light.${light}`);

export function lightBadge(light: Light, count?: number): HTMLElement {
  return h('span', { class: `light light-${light}` }, lightShape(light), h('span', {}, lightWord(light)),
    count === undefined ? null : h('b', {}, count));
}
