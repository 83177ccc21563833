// The phone as the screens see it: the store, the queue and the engine put together.
import type { Device, Draft, DraftFile, FormBody, FormEntry, Language, Package, Returned } from './contract';
import { openForm } from './engine/open';
import { PhoneProblem, type NewDraft, type OpenForm, type Phone, type StorageState } from './screens/ports';
import { exportDrafts, giveBack, HandoverProblem, importDrafts, photo, refresh, Sender, versionBody, type RefreshResult } from './send';
import { bindDevice } from './send/bind';
import { askForSync } from './send/worker';
import { askToKeep, room, Store, StoreProblem, type NewFile } from './store';
import { beginDraft, enqueue, keepPrefill, openReturned, prefill, reopen } from './store/drafts';

const REVOKED_WAIT_MS = 60_000;

export class CollectPhone implements Phone {
  private store: Store | null = null;
  private sender: Sender | null = null;
  private known: { device: Device | null; package: Package | null; refreshed: string } = {
    device: null, package: null, refreshed: '',
  };
  private readonly listeners = new Set<() => void>();
  private readonly progressListeners = new Set<(id: string, percent: number) => void>();
  /** True from the moment the office has signed this phone out: nothing opens, and in a minute nothing is left. */
  revoked = false;

  /** The phone as it was left: whoever is signed in, his package, his queue at work. */
  static async start(): Promise<CollectPhone> {
    const phone = new CollectPhone();
    await phone.use(await Store.current());
    return phone;
  }

  /** True where the browser had lost everything and it was brought back from the second copy. */
  get recovered(): boolean {
    return this.store?.recovered ?? false;
  }

  /** Makes the second copy whole where the phone died before it was. */
  async mend(): Promise<void> {
    await this.store?.mendSpare().catch(unlessLocked);
  }

  // ---- the person and the package -------------------------------------------------------------------------------

  device(): Device | null {
    return this.known.device;
  }

  package(): Package | null {
    return this.known.package;
  }

  refreshed(): string {
    return this.known.refreshed;
  }

  async bind(name: string): Promise<Device> {
    return this.signIn(await bindDevice({ name }));
  }

  async bindWith(code: string): Promise<Device> {
    return this.signIn(await bindDevice({ code, name: 'phone' }));
  }

  async signOut(): Promise<void> {
    const { store } = this;
    this.sender?.stop();
    const device = await store?.device();
    await store?.signOut();
    if (device && !this.revoked) void giveBack(device);
    this.revoked = false;
    await this.use(null);
    this.changed();
  }

  async refresh(): Promise<RefreshResult> {
    const result = await refresh(this.mine());
    await this.look();
    return result;
  }

  async forms(): Promise<{ entry: FormEntry; kept: boolean; bytes: number }[]> {
    const here = await this.mine().bodyHashes();
    const bytes = (entry: FormEntry) => entry.media.reduce((sum, media) => sum + media.bytes, 0);
    return (this.known.package?.forms ?? []).map((entry) => ({ entry, kept: here.has(entry.hash), bytes: bytes(entry) }));
  }

  async body(form_id: string): Promise<FormBody> {
    const entry = this.known.package?.forms.find((form) => form.form_id === form_id);
    return this.bodyBy(entry?.hash ?? '');
  }

  draftBody(draft: Draft): Promise<FormBody> {
    return this.bodyBy(draft.form_hash);
  }

  media(url: string): Promise<Blob | null> {
    return photo(this.mine(), url);
  }

  // ---- drafts ---------------------------------------------------------------------------------------------------

  drafts(): Promise<Draft[]> {
    return this.mine().drafts();
  }

  draft(id: string): Promise<Draft | null> {
    return this.mine().draft(id);
  }

  async create({ form_id, school, keyed, answers }: NewDraft): Promise<Draft> {
    return guarded(async () => {
      const body = await this.body(form_id);
      const known = Object.entries(this.known.package?.prefill ?? {}).map(([item, value]) => ({ item, value }));
      const asked = known.filter(({ item }) => body.items.some((one) => one.name === item));
      return beginDraft(this.mine(), body, school, keyed, [...asked, ...(answers ?? [])]);
    });
  }

  async correct(returned: Returned): Promise<Draft> {
    const store = this.mine();
    const school = this.known.package?.schools.find((one) => one.code === returned.unit) ?? null;
    const files: NewFile[] = [];
    for (const { name, url } of returned.files) {
      const blob = await photo(store, url);
      if (blob) files.push({ name, type: typeOf(name), bytes: await blob.arrayBuffer() });
    }
    return guarded(async () => openReturned(store, returned, await this.bodyOfReturned(returned), school, files));
  }

  private async bodyOfReturned({ form_id, version }: Returned): Promise<FormBody> {
    const current = this.known.package?.forms.find((form) => form.form_id === form_id && form.version === version);
    if (current) return this.bodyBy(current.hash);
    const { device } = this.known;
    const older = device && (await versionBody(this.mine(), device, form_id, version).catch(() => null));
    return older ?? this.bodyBy('');
  }

  discard(id: string): Promise<void> {
    return this.mine().removeDraft(id);
  }

  files(id: string): Promise<DraftFile[]> {
    return this.mine().files(id);
  }

  file(id: string, name: string): Promise<Blob | null> {
    return this.mine().file(id, name);
  }

  async open(draft: Draft, host: HTMLElement, language: Language): Promise<OpenForm> {
    const store = this.mine();
    const body = await this.draftBody(draft);
    const listeners = new Set<(at: string) => void>();
    const session = await openForm(host, body, draft, {
      keeper: store,
      language,
      device: this.known.device?.device,
      login: this.known.device?.person.login,
      schools: this.known.package?.schools,
      lists: this.known.package?.lists,
      prefill: await prefill(store, draft),
      onTaken: (rest) => keepPrefill(store, draft.id, rest),
      onSaved: (at) => listeners.forEach((listener) => listener(at)),
      onProblem: (error) => host.dispatchEvent(new CustomEvent('save-failed', { bubbles: true, detail: problemOf(error) })),
    });
    return { session, body, onSaved: (listener) => void listeners.add(listener) };
  }

  async queue(id: string): Promise<void> {
    await enqueue(this.mine(), id);
    void askForSync();
    void this.sender?.wake();
  }

  reopen(id: string): Promise<Draft> {
    return guarded(() => reopen(this.mine(), id));
  }

  async sendNow(id?: string): Promise<void> {
    await this.sender?.sendNow(id);
  }

  exportFile(ids: string[], passphrase: string): Promise<Blob> {
    return guarded(() => exportDrafts(this.mine(), ids, passphrase));
  }

  async importFile(file: Blob, passphrase: string): Promise<number> {
    const added = await guarded(() => importDrafts(this.mine(), file, passphrase));
    void this.sender?.wake();
    return added;
  }

  // ---- room and changes -----------------------------------------------------------------------------------------

  async storage(): Promise<StorageState> {
    const { usage, quota, persisted } = await room();
    let media = 0;
    for (const draft of this.store ? await this.store.unsent() : []) {
      for (const file of await this.mine().files(draft.id)) media += file.bytes;
    }
    return { used: usage, quota, persisted: persisted === true, media, copied: !this.store?.spareTorn };
  }

  askPersistence(): Promise<boolean> {
    return askToKeep();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** How much of a draft has gone up, while it is being sent. */
  onProgress(listener: (id: string, percent: number) => void): () => void {
    this.progressListeners.add(listener);
    return () => this.progressListeners.delete(listener);
  }

  private async signIn(device: Device): Promise<Device> {
    await this.use(await Store.signIn(device));
    void askToKeep();
    this.changed();
    return device;
  }

  private async use(store: Store | null): Promise<void> {
    this.sender?.stop();
    this.store?.close();
    this.store = store;
    this.sender = store && new Sender(store);
    await this.look();
    store?.subscribe((change) => {
      if (change.kind === 'progress') this.progressListeners.forEach((listener) => listener(change.id, change.percent));
      else this.heard(change.kind).catch(unlessLocked);
      // The browser may have let go of an earlier wish; online it would grant this one at once, and again and again.
      if (change.kind === 'sender' && this.sender?.state === 'offline') void askForSync();
    });
    this.sender?.start();
  }

  private async heard(kind: string): Promise<void> {
    if (kind === 'revoked') return this.lock();
    if (kind === 'signed-out') this.store = null;
    if (kind === 'package' || kind === 'signed-out') await this.look();
    this.changed();
  }

  /** The office has signed this phone out. It is asked once more after a minute, in case of a mistake; then all goes. */
  private async lock(): Promise<void> {
    if (this.revoked) return;
    this.revoked = true;
    this.changed();
    await new Promise((done) => setTimeout(done, REVOKED_WAIT_MS));
    if (!this.store) return;
    if ((await refresh(this.store)) === 'revoked') return this.signOut();
    this.revoked = false;
    this.changed();
  }

  private async look(): Promise<void> {
    const { store } = this;
    this.known = {
      device: (await store?.device()) ?? null,
      package: (await store?.package()) ?? null,
      refreshed: (await store?.refreshed())?.checked_at ?? '',
    };
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private mine(): Store {
    if (!this.store || this.revoked) throw problemOf(new StoreProblem('locked', 'nobody is signed in'));
    return this.store;
  }

  private async bodyBy(hash: string): Promise<FormBody> {
    const body = hash ? await this.mine().body(hash) : null;
    if (!body) throw problemOf(new StoreProblem('unknown', 'this checklist is not on the phone'));
    return body;
  }
}

const WORDS: Record<string, { zh: string; en: string }> = {
  full: { zh: '手机空间不足，没有保存。请先发送或删除旧内容。', en: 'The phone is full: nothing was saved. Send or delete something first.' },
  broken: { zh: '没有保存：浏览器不能写入。', en: 'Not saved: the browser could not write.' },
  locked: { zh: '没有登录。', en: 'Nobody is signed in.' },
  unknown: { zh: '手机上没有这份内容，请联网更新后再试。', en: 'This is not on the phone. Refresh while online.' },
  sent: { zh: '这份检查单正在发送或已经发出，不能再改。', en: 'This one is being sent, or has been sent, and cannot be changed.' },
  passphrase: { zh: '口令不对，或文件已损坏。', en: 'Wrong passphrase, or a damaged file.' },
  format: { zh: '这不是交接文件。', en: 'This is no hand-over file.' },
};

function problemOf(error: unknown): PhoneProblem {
  if (error instanceof PhoneProblem) return error;
  const code = error instanceof StoreProblem || error instanceof HandoverProblem ? error.code : 'broken';
  return new PhoneProblem(code, WORDS[code] ?? WORDS['broken']!);
}

/** A store that is signed out has nothing more to tell. */
function unlessLocked(error: unknown): void {
  if (!(error instanceof StoreProblem && error.code === 'locked')) throw error;
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemOf(error);
  }
}

function typeOf(name: string): string {
  const ending = name.split('.').at(-1)!.toLowerCase();
  const kinds: Record<string, string> = { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', m4a: 'audio/mp4', webm: 'audio/webm' };
  return kinds[ending] ?? 'application/octet-stream';
}
