// Keeps the app itself, so that it starts without a signal. What people write or download is not kept here but in the
// store, sealed.
import { Sender } from './send/sender';
import { postFromWorker } from './send/transport';
import { Store } from './store';

declare const self: ServiceWorkerGlobalScope;
type SyncEvent = ExtendableEvent & { tag: string };

const PREFIX = 'liangpai-app-';
const CACHE = PREFIX + versionOf(__PRECACHE__.map((entry) => entry.hash).join(''));
const KEPT = new Set(__PRECACHE__.map((entry) => new URL(entry.url, self.location.href).href));
const HOME = new URL('./', self.location.href).href;

self.addEventListener('install', (event) => event.waitUntil(keepApp()));

// The page asks for it when the person agrees; until then the old version goes on undisturbed.
self.addEventListener('message', (event) => {
  if (event.data === 'use-new-version') void self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  const clear = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clear());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  url.hash = url.search = '';
  const wanted = request.mode === 'navigate' && url.href.startsWith(HOME) && isPage(url) ? HOME : url.href;
  if (KEPT.has(wanted)) event.respondWith(fromCache(wanted, request));
});

// Chromium only: the queue is worked off even if no tab is open, or none that is looked at.
self.addEventListener('sync', ((event: SyncEvent) => {
  if (event.tag === 'liangpai-send') event.waitUntil(sendQueue());
}) as EventListener);

async function keepApp(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Each file anew: the browser's own cache may hold an older one under the same address.
  await cache.addAll([...KEPT].map((url) => new Request(url, { cache: 'reload', credentials: 'same-origin' })));
}

async function fromCache(url: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(url)) ?? fetch(request);
}

async function sendQueue(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window' });
  const seen = pages.filter((page) => page.visibilityState === 'visible');
  if (seen.length) return seen.forEach((page) => page.postMessage('send-now'));
  // A tab that nobody looks at may be frozen. Where it is not, the queue's lock lets only one of us send.
  const store = await Store.current();
  if (!store) return;
  const sender = new Sender(store, postFromWorker);
  await sender.sendNow();
  sender.stop();
  const left = (await store.drafts()).some((draft) => draft.state === 'waiting' || draft.state === 'sending');
  await store.settled();
  store.close();
  // The browser tries again after some minutes, a few times.
  if (left) throw new Error('not everything was sent');
}

/** The app has one page; /collect/api/... and files are not it. */
function isPage(url: URL): boolean {
  return !url.pathname.startsWith(new URL('api/', HOME).pathname) && !/\.\w+$/.test(url.pathname);
}

function versionOf(text: string): string {
  let hash = 5381;
  for (let n = 0; n < text.length; n += 1) hash = (hash * 33 + text.charCodeAt(n)) % 4294967291;
  return hash.toString(16);
}
