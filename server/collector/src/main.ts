// Starts the collector: the phone as it was left, then the screen that the address names.
import './style/index.css';
import { CollectPhone } from './phone';
import { begin } from './screens';
import { brokenStart, lasting, offerNewVersion } from './screens/overlay';
import { registerWorker } from './send/worker';
import { t } from './words';

async function start(): Promise<void> {
  const phone = await CollectPhone.start().catch(tellBroken);
  begin(phone, document.querySelector('#app')!);
  if (phone.recovered) lasting(t('phone.recovered'));
  if (import.meta.env.PROD) {
    await registerWorker(`${import.meta.env.BASE_URL}sw.js`, { newVersion: offerNewVersion, sendNow: () => void phone.sendNow() });
  }
  // What is on the server may have changed since the phone was last used; a failure leaves what is here.
  if (phone.device()) await phone.refresh();
  await phone.mend();
}

/** What is kept cannot be opened: nothing is thrown away, and the next start tries again. */
function tellBroken(error: unknown): never {
  document.querySelector('#app')!.replaceChildren(brokenStart());
  throw error;
}

void start();
