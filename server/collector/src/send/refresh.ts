// Brings what the next visit needs onto the phone, in the background: the package, checklists by hash, media, photos.
import type { Device, FormBody, Package } from '../contract';
import type { Store } from '../store';
import { aloneOrNot } from '../store/locks';
import { authorized, refusalOf, report } from './phone_key';

export type RefreshResult = 'new' | 'same' | 'offline' | 'revoked' | 'signed-out';
const PHOTOS_AT_MOST = 200;

/** One look at the server; what was interrupted last time is taken up again. Another tab's look counts as this one's. */
export async function refresh(store: Store): Promise<RefreshResult> {
  const result = await aloneOrNot(`${store.person.database}.refresh`, () => look(store));
  return result ?? 'same';
}

async function look(store: Store): Promise<RefreshResult> {
  const device = await store.device();
  if (!device) return 'signed-out';
  const before = await store.refreshed();
  const result = await fetchAll(store, device, before.etag).catch((): RefreshResult => 'offline');
  const now = new Date().toISOString();
  const { etag } = await store.refreshed();
  const reached = result === 'new' || result === 'same';
  await store.keepRefreshed({
    etag,
    checked_at: reached ? now : before.checked_at,
    changed_at: result === 'new' ? now : before.changed_at,
    problem: reached ? '' : result,
  });
  if (result === 'revoked') store.say({ kind: 'revoked' });
  return result;
}

async function fetchAll(store: Store, device: Device, etag: string): Promise<RefreshResult> {
  const known = await store.package();
  const tag: Record<string, string> = known && etag ? { 'If-None-Match': etag } : {};
  const response = await fetch('/collect/api/package', authorized(device, tag));
  const refusal = refusalOf(response.status, response.ok || response.status === 304 ? '' : await response.text());
  if (refusal) return refusal;
  if (!response.ok && response.status !== 304) return 'offline';
  let content = known;
  if (response.ok) {
    content = (await response.json()) as Package;
    await store.keepPackage(content);
    await store.keepRefreshed({ ...(await store.refreshed()), etag: response.headers.get('ETag') ?? '' });
  }
  if (!content) return 'offline';
  const fetched = await fetchBodies(store, device, content);
  const older = await fetchOlder(store, device, content);
  await fetchMedia(store, device, content, older);
  await tellUnsent(store, device);
  return response.ok || fetched ? 'new' : 'same';
}

async function tellUnsent(store: Store, device: Device): Promise<void> {
  const unsent = await store.unsent();
  const drafts = unsent.filter((draft) => draft.state === 'draft').length;
  await report(device, unsent.length - drafts, drafts);
}

async function fetchBodies(store: Store, device: Device, content: Package): Promise<number> {
  const here = await store.bodyHashes();
  let fetched = 0;
  for (const entry of content.forms.filter((form) => !here.has(form.hash))) {
    const response = await fetch(entry.url, authorized(device));
    if (!response.ok) continue;
    const body = (await response.json()) as FormBody;
    await store.keepBody({ ...body, hash: entry.hash });
    fetched += 1;
  }
  return fetched;
}

/** Returned submissions may be of versions that nobody begins any more. Gives their bodies' hashes. */
async function fetchOlder(store: Store, device: Device, content: Package): Promise<string[]> {
  const hashes: string[] = [];
  for (const { form_id, version } of content.returned) {
    if (content.forms.some((form) => form.form_id === form_id && form.version === version)) continue;
    const body = await versionBody(store, device, form_id, version).catch(() => null);
    if (body) hashes.push(body.hash);
  }
  return hashes;
}

/** The body of one version: from the phone, else from the server, else null. */
export async function versionBody(store: Store, device: Device, form_id: string, version: string): Promise<FormBody | null> {
  const name = `body.${form_id}.${version}`;
  const known = await store.body((await store.setting<string>(name)) ?? '-');
  if (known) return known;
  const address = `/collect/api/forms/${encodeURIComponent(form_id)}/${encodeURIComponent(version)}`;
  const response = await fetch(address, authorized(device));
  if (!response.ok) return null;
  const body = (await response.json()) as FormBody;
  await store.keepBody(body);
  await store.keepSetting(name, body.hash);
  return body;
}

/** Files of the checklists, of returned submissions (needed to complete them), then photos of open findings. */
async function fetchMedia(store: Store, device: Device, content: Package, older: string[]): Promise<void> {
  const wanted = new Map<string, string>();
  for (const form of content.forms) form.media.forEach((media) => wanted.set(media.hash, media.url));
  for (const one of content.returned) one.files.forEach((file) => wanted.set(photoKey(file.url), file.url));
  const photos = content.findings.flatMap((finding) => finding.photos).slice(0, PHOTOS_AT_MOST);
  photos.forEach((photo) => wanted.set(photoKey(photo.url), photo.url));
  const here = await store.mediaHashes();
  for (const [key, url] of wanted) {
    if (!here.has(key)) await fetchOne(store, device, key, url);
  }
  await store.tidy(new Set([...content.forms.map((form) => form.hash), ...older]), new Set(wanted.keys()));
}

/** A picture that the server keeps, by its address: from the phone, else from the server, else null. */
export async function photo(store: Store, url: string): Promise<Blob | null> {
  const known = await store.media(photoKey(url), 'image/jpeg');
  if (known) return known;
  const device = await store.device();
  if (!device) return null;
  await fetchOne(store, device, photoKey(url), url).catch(() => undefined);
  return store.media(photoKey(url), 'image/jpeg');
}

async function fetchOne(store: Store, device: Device, key: string, url: string): Promise<void> {
  const response = await fetch(url, authorized(device));
  if (response.ok) await store.keepMedia(key, await response.arrayBuffer());
}

function photoKey(url: string): string {
  return `url:${url}`;
}
