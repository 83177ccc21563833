// Every screen by the first part of its address.
import { t } from '../words';
import { App, type Screen, type View } from './app';
import { bindScreen } from './bind';
import { h } from './dom';
import { fillScreen } from './fill';
import { homeScreen } from './home';
import { phoneScreen } from './phone';
import type { Phone } from './ports';
import { queueScreen } from './queue';
import { returnedScreen } from './returned';
import { schoolScreen } from './school';
import { sheetScreen } from './sheet';
import { titlesFrom } from './titles';

const lost = (): View => ({ title: t('lost.title'), back: '#/', body: h('p', { class: 'notice' }, t('lost.draft')) });
const revoked = (): View => ({ title: t('revoked.title'), body: h('p', { class: 'notice notice-bad', role: 'alert' }, t('revoked.words')) });

const SCREENS: Record<string, Screen> = {
  home: homeScreen, school: schoolScreen, fill: fillScreen, sheet: sheetScreen, queue: queueScreen, returned: returnedScreen,
  phone: phoneScreen, bind: bindScreen, help: async () => (await import('./help')).helpScreen(), lost, revoked,
};

export function begin(phone: Phone, host: HTMLElement): App {
  titlesFrom(() => phone.package());
  const app = new App(phone, host, SCREENS);
  app.start();
  return app;
}
