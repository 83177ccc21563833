// The page's side of the service worker: offline start, a new version's arrival, sending in the background.

type WithSync = ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } };

export type WorkerCalls = {
  newVersion(use: () => void): void; // a new version is ready; `use` loads it (everything saved stays)
  sendNow(): void; // the browser found a network while this page slept
};

/** Registers the worker; does nothing where the browser has none. */
export async function registerWorker(address: string, calls: WorkerCalls): Promise<void> {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  workers.addEventListener('message', (event) => event.data === 'send-now' && calls.sendNow());
  const registration = await workers.register(address, { updateViaCache: 'none' }).catch(() => null);
  if (!registration) return;
  const ready = (worker: ServiceWorker | null) => {
    if (!worker || !workers.controller) return;
    calls.newVersion(() => {
      // Another tab has agreed already.
      if (worker.state === 'activated') return location.reload();
      workers.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('use-new-version');
    });
  };
  ready(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => worker.state === 'installed' && ready(worker));
  });
  // A phone may keep the app open for weeks.
  setInterval(() => void registration.update().catch(() => undefined), 6 * 3_600_000);
}

/** Asks the browser to wake the worker when there is a network. Only Chromium does; the queue does not rely on it. */
export async function askForSync(): Promise<void> {
  try {
    const registration = (await navigator.serviceWorker?.ready) as WithSync | undefined;
    await registration?.sync?.register('liangpai-send');
  } catch {
    // Denied or not there: the queue sends when the app is open.
  }
}
