// Where the phone is: watched until it is exact enough, with the metres shown; the person may take what there is.
import { h } from '../screens/dom';
import { metres } from '../screens/search';
import { t } from '../words';
import { group, place, setControl, wordButton, type WidgetContext } from './kit';

const PATIENCE = 60_000;
type Fix = { latitude: number; longitude: number; altitude: number; accuracy: number };

export function position(question: HTMLElement, control: HTMLInputElement, context: WidgetContext): void {
  const status = h('p', { class: 'place-status', role: 'status' });
  const buttons = h('div', { class: 'buttons' });
  const box = group(question, 'place', status, buttons);
  control.classList.add('is-covered');
  control.tabIndex = -1;
  place(question, box);
  let watch = -1;
  let timer = 0;
  let best: Fix | null = null;
  let failure = '';

  const stop = () => {
    if (watch !== -1) navigator.geolocation.clearWatch(watch);
    window.clearTimeout(timer);
    watch = -1;
  };
  const take = (fix: Fix) => {
    stop();
    best = null;
    setControl(control, [fix.latitude.toFixed(7), fix.longitude.toFixed(7), fix.altitude.toFixed(1), fix.accuracy.toFixed(1)].join(' '));
    draw();
  };
  const start = () => {
    best = null;
    failure = '';
    if (!navigator.geolocation) { failure = 'place.none'; draw(); return; }
    watch = navigator.geolocation.watchPosition(({ coords }) => {
      const fix = { latitude: coords.latitude, longitude: coords.longitude, altitude: coords.altitude ?? 0, accuracy: coords.accuracy };
      if (!best || fix.accuracy < best.accuracy) best = fix;
      if (fix.accuracy <= context.settings.capture_accuracy) take(fix);
      else draw();
    }, (error) => {
      if (error.code === error.PERMISSION_DENIED) { stop(); failure = 'place.denied'; draw(); }
    }, { enableHighAccuracy: true, maximumAge: 0, timeout: PATIENCE });
    timer = window.setTimeout(() => { stop(); failure = best ? 'place.coarse' : 'place.timeout'; draw(); }, PATIENCE);
    draw();
  };
  const draw = () => {
    const [latitude, longitude, , accuracy] = control.value.split(' ').map(Number);
    const kept = control.value && Number.isFinite(latitude) ? { latitude: latitude!, longitude: longitude! } : null;
    status.replaceChildren(...statusOf(kept, accuracy ?? 0, watch !== -1, best, failure));
    if (kept) status.append(...distance(kept, accuracy ?? 0, context));
    buttons.replaceChildren(...[
      watch === -1 ? wordButton(kept ? 'place.again' : 'place.start', start, { icon: 'place', kind: kept ? '' : 'btn-take' }) : wordButton('place.stop', () => { stop(); draw(); }),
      best ? wordButton('place.accept', () => best && take(best), { kind: 'btn-main' }) : null,
    ].filter((each): each is HTMLButtonElement => each !== null));
  };
  question.closest('form')?.addEventListener('relabel', draw);
  draw();
}

function statusOf(kept: { latitude: number; longitude: number } | null, accuracy: number, watching: boolean, best: Fix | null, failure: string): Node[] {
  if (watching) return [h('span', {}, best ? t('place.so_far', { metres: Math.round(best.accuracy) }) : t('place.searching'))];
  if (failure && !kept) return [h('span', { class: 'due-bad' }, t(failure as 'place.denied', { metres: Math.round(best?.accuracy ?? 0) }))];
  if (!kept) return [h('span', { class: 'muted' }, t('place.empty'))];
  return [h('b', { class: 'number' }, `${kept.latitude.toFixed(5)}, ${kept.longitude.toFixed(5)} `), h('span', {}, t('place.accuracy', { metres: Math.round(accuracy) }))];
}

/** A soft warning outside the school's radius; the position's own inexactness is granted. */
function distance(here: { latitude: number; longitude: number }, accuracy: number, context: WidgetContext): Node[] {
  const { school, settings } = context;
  if (school?.latitude === null || school?.latitude === undefined || school.longitude === null) return [];
  const away = metres(here, { latitude: school.latitude, longitude: school.longitude });
  if (away - accuracy <= settings.radius_metres) return [h('span', { class: 'line muted small' }, t('place.near', { metres: away }))];
  return [h('span', { class: 'line notice notice-mild' }, t('place.far', { metres: away, radius: settings.radius_metres }))];
}
