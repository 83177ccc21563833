// How much room the phone has left, and whether the browser has promised to keep what is here.

export type Room = {
  usage: number; // bytes
  quota: number; // bytes; 0 unknown
  low: boolean; // under 200 MB, or nine tenths full
  persisted: boolean | null; // null: this browser does not say
  seven_days: boolean; // Safari: deleted after seven days without a visit unless the app is on the home screen
};

const LOW_BYTES = 200_000_000;

/** Asks the browser not to clear this site by itself; without harm where it refuses. */
export async function askToKeep(): Promise<boolean> {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}

export async function room(): Promise<Room> {
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  const usage = estimate?.usage ?? 0;
  const quota = estimate?.quota ?? 0;
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? null;
  const low = quota > 0 && (quota - usage < LOW_BYTES || usage > quota * 0.9);
  return { usage, quota, low, persisted, seven_days: isSafari() && !isInstalled() && persisted !== true };
}

/** WebKit outside the home screen clears a site's storage after seven days in which nobody opened it. */
export function isSafari(agent = navigator.userAgent): boolean {
  return /iPhone|iPad|iPod/.test(agent) || (/Safari\//.test(agent) && !/Chrom(e|ium)\/|Android/.test(agent));
}

export function isInstalled(): boolean {
  const standalone = (navigator as { standalone?: boolean }).standalone === true;
  return standalone || (globalThis.matchMedia?.('(display-mode: standalone)').matches ?? false);
}
