// Handing work to another phone or a USB stick: one file, encrypted with a passphrase that both people know.
import { pick, t } from '../words';
import type { App } from './app';
import { h, save } from './dom';
import { askFor, say } from './overlay';
import { PhoneProblem } from './ports';

export async function handOver(app: App, ids: string[]): Promise<void> {
  const passphrase = await askFor(t('handover.export'), t('handover.export.words'), t('handover.passphrase'), { type: 'password', least: 8 });
  if (!passphrase) return;
  const file = await app.phone.exportFile(ids, passphrase);
  const stamp = new Date().toISOString().slice(0, 16).replace(/[-:T]/g, '');
  save(file, `liangpai-${stamp}.lpq`);
  say(t('handover.exported', { count: ids.length }));
}

export function takeOver(app: App): void {
  const input = h('input', { type: 'file', accept: '.lpq,application/octet-stream' });
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) void read(app, file);
  });
  input.click();
}

async function read(app: App, file: File): Promise<void> {
  const passphrase = await askFor(t('handover.import'), t('handover.import.words'), t('handover.passphrase'), { type: 'password' });
  if (!passphrase) return;
  try {
    const count = await app.phone.importFile(file, passphrase);
    say(t('handover.imported', { count }));
    await app.show();
  } catch (error) {
    say(error instanceof PhoneProblem ? pick(error.words) : t('handover.failed'));
  }
}
