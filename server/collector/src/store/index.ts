// What the phone keeps for one person: drafts and their files, checklists, the package, media. All of it sealed.
import type { Device, Draft, DraftFile, FormBody, Package } from '../contract';
import { Database, StoreProblem, type Put, type Seen } from './database';
import { aloneOrNot } from './locks';
import { catchUp, fill, mend } from './mending';
import { becomeCurrent, currentPerson, forgetPerson, recoverPerson, spareOf, type Person } from './people';

export { StoreProblem } from './database';
export { askToKeep, room } from './room';

/** What changed, told to every tab. `progress` is not kept: it is only said. */
export type Change =
  | { kind: 'drafts' | 'answers'; id: string } // answers: saved while they are given, nothing else
  | { kind: 'progress'; id: string; percent: number }
  | { kind: 'package' | 'sender' | 'revoked' | 'signed-out' };

/** The answers of a draft as they stand, and the file that came with them. */
export type Answers = Pick<Draft, 'xml' | 'answered' | 'total' | 'page'>;
export type NewFile = { name: string; type: string; bytes: ArrayBuffer };

/** What is said about the last refresh. Times are ISO; `problem` is the server's or the network's sentence. */
export type Refreshed = { etag: string; checked_at: string; changed_at: string; problem: string };

const EDITABLE: readonly Draft['state'][] = ['draft', 'refused'];

export class Store {
  private readonly db: Database;
  private readonly channel: BroadcastChannel | null;
  private readonly listeners = new Set<(change: Change) => void>();
  private gone = false;
  private readonly known = new Map<string, Seen<Draft>>(); // drafts changed from here: saving again need not read first

  private constructor(
    readonly person: Person,
    readonly recovered = false, // brought back from the spare copy, since the browser had lost the rest
  ) {
    this.db = databaseOf(person);
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(person.database);
    if (this.channel) this.channel.onmessage = (event: MessageEvent<Change>) => this.hear(event.data);
  }

  /** The store of whoever is signed in on this phone, or null. */
  static async current(): Promise<Store | null> {
    const known = await currentPerson();
    const person = known ?? (await recoverPerson(bringBack));
    if (!person) return null;
    const store = new Store(person, !known);
    await store.takeUp();
    return store;
  }

  /** Signs a person in on this phone and keeps its device. */
  static async signIn(device: Device): Promise<Store> {
    const store = new Store(await becomeCurrent(device.person.login));
    await store.write({ table: 'kept', key: 'device', value: device });
    return store;
  }

  /** Destroys the key and everything kept, unsent work included: ask first (`unsent`). */
  async signOut(): Promise<void> {
    this.say({ kind: 'signed-out' });
    await this.settled();
    this.db.close();
    await forgetPerson(this.person.login);
    this.close();
  }

  /** True where the second copy of what is here is not whole, mostly for want of room. */
  get spareTorn(): boolean {
    return this.db.spare.torn;
  }

  /** Resolves when everything written so far stands in the second copy too. */
  settled(): Promise<void> {
    return this.db.settled();
  }

  /** Makes the second copy whole where it is not; in one tab. */
  async mendSpare(): Promise<void> {
    await aloneOrNot(`${this.person.database}.mend`, () => mend(this.db));
  }

  close(): void {
    this.db.close();
    this.channel?.close();
    this.listeners.clear();
  }

  /** Calls back for every change in this tab and others; gives the function that ends it. */
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  say(change: Change): void {
    this.hear(change);
    this.channel?.postMessage(change);
  }

  // ---- device, package, checklists ------------------------------------------------------------------------------

  device(): Promise<Device | null> {
    return this.read(() => this.db.get<Device>('kept', 'device'));
  }

  package(): Promise<Package | null> {
    return this.read(() => this.db.get<Package>('kept', 'package'));
  }

  async keepPackage(content: Package): Promise<void> {
    await this.write({ table: 'kept', key: 'package', value: content });
    this.say({ kind: 'package' });
  }

  async refreshed(): Promise<Refreshed> {
    const kept = await this.read(() => this.db.get<Refreshed>('kept', 'refreshed'));
    return kept ?? { etag: '', checked_at: '', changed_at: '', problem: '' };
  }

  async keepRefreshed(value: Refreshed): Promise<void> {
    await this.write({ table: 'kept', key: 'refreshed', value });
    this.say({ kind: 'package' });
  }

  /** Small things of the screens: large type, language, last page seen. */
  setting<T>(name: string): Promise<T | null> {
    return this.read(() => this.db.get<T>('kept', `setting.${name}`));
  }

  async keepSetting(name: string, value: unknown): Promise<void> {
    await this.write({ table: 'kept', key: `setting.${name}`, value });
  }

  body(hash: string): Promise<FormBody | null> {
    return this.read(() => this.db.get<FormBody>('bodies', hash));
  }

  async keepBody(body: FormBody): Promise<void> {
    await this.write({ table: 'bodies', key: body.hash, value: body });
  }

  async bodyHashes(): Promise<Set<string>> {
    return new Set((await this.read(() => this.db.keys('bodies'))) as string[]);
  }

  async media(hash: string, type: string): Promise<Blob | null> {
    const bytes = await this.read(() => this.db.bytes('media', hash));
    return bytes && new Blob([bytes], { type });
  }

  async keepMedia(hash: string, bytes: ArrayBuffer): Promise<void> {
    await this.write({ table: 'media', key: hash, bytes });
  }

  async mediaHashes(): Promise<Set<string>> {
    return new Set((await this.read(() => this.db.keys('media'))) as string[]);
  }

  /** Lets go of checklists and media that neither the package nor a draft needs. */
  async tidy(bodies: Set<string>, media: Set<string>): Promise<void> {
    const needed = new Set([...bodies, ...(await this.drafts()).map((draft) => draft.form_hash)]);
    const old: Put[] = [
      ...[...(await this.bodyHashes())].filter((hash) => !needed.has(hash)).map((key) => gone('bodies', key)),
      ...[...(await this.mediaHashes())].filter((hash) => !media.has(hash)).map((key) => gone('media', key)),
    ];
    if (old.length) await this.write(...old);
  }

  // ---- drafts ---------------------------------------------------------------------------------------------------

  /** Newest change first. */
  async drafts(): Promise<Draft[]> {
    const found = await this.read(() => this.db.all<Draft>('drafts'));
    return found.sort((a, b) => b.changed_at.localeCompare(a.changed_at));
  }

  draft(id: string): Promise<Draft | null> {
    return this.read(() => this.db.get<Draft>('drafts', id));
  }

  /** What would be lost by signing out. */
  async unsent(): Promise<Draft[]> {
    return (await this.drafts()).filter((draft) => draft.state !== 'sent');
  }

  /** Keeps a new draft and its files, all or nothing. */
  async addDraft(draft: Draft, files: NewFile[] = []): Promise<void> {
    const rows = files.flatMap((file) => rowsOf(draft.id, file));
    await this.write({ table: 'drafts', key: draft.id, value: draft }, ...rows);
    this.say({ kind: 'drafts', id: draft.id });
  }

  /** Changes a draft where nobody else changes it meanwhile. Throws StoreProblem "unknown". */
  async changeDraft(id: string, change: (draft: Draft) => Draft, ...also: Put[]): Promise<Draft> {
    const changed = await this.replaceDraft(id, change, also);
    this.say({ kind: 'drafts', id });
    return changed;
  }

  /** Written only over what was seen; where another tab or the worker was faster, seen and changed anew. */
  private async replaceDraft(id: string, change: (draft: Draft) => Draft, also: Put[]): Promise<Draft> {
    for (let kept = this.known.get(id); ; kept = undefined) {
      const known = kept ?? (await this.read(() => this.db.seen<Draft>('drafts', id)));
      if (!known) throw new StoreProblem('unknown', `no draft ${id}`);
      let value: Draft;
      try {
        value = change(known.value);
      } catch (error) {
        if (kept) continue; // It may have changed since.
        throw error;
      }
      const mark = await this.read(() => this.db.swap(known.mark, { table: 'drafts', key: id, value }, ...also));
      if (!mark) continue;
      this.known.set(id, { value, mark });
      return value;
    }
  }

  /** Autosave. Throws StoreProblem "sent" where the draft has been handed over for sending: it is no longer open. */
  async saveAnswers(id: string, answers: Answers, ...files: NewFile[]): Promise<Draft> {
    const write = (draft: Draft): Draft => {
      if (!EDITABLE.includes(draft.state)) throw new StoreProblem('sent', `draft ${id} is ${draft.state}`);
      return { ...draft, ...answers, changed_at: new Date().toISOString() };
    };
    const saved = await this.replaceDraft(id, write, files.flatMap((file) => rowsOf(id, file)));
    this.say({ kind: 'answers', id });
    return saved;
  }

  /** Answers into the second copy alone, while a save waits for the disk. They are taken up if the browser dies there. */
  async copyAnswers(id: string, answers: Answers): Promise<void> {
    const known = this.known.get(id)?.value;
    if (this.gone || !known || !EDITABLE.includes(known.state)) return;
    await this.db.putSpare(`answers/${id}`, answers);
  }

  /** Takes up what stands in the second copy only. */
  private async takeUp(): Promise<void> {
    await catchUp(this.db);
    for (const { id } of (await this.drafts()).filter(({ state }) => EDITABLE.includes(state))) {
      const answers = await this.db.laterSpare<Answers>(`answers/${id}`, 'drafts', id);
      if (answers) await this.saveAnswers(id, answers).catch(unlessSent);
    }
  }

  /** Deletes a draft and its files. */
  async removeDraft(id: string): Promise<void> {
    const files = await this.files(id);
    const rows = files.flatMap((file) => [gone('files', [id, file.name]), gone('bytes', [id, file.name])]);
    this.known.delete(id);
    await this.write(gone('drafts', id), ...rows);
    this.say({ kind: 'drafts', id });
  }

  // ---- files of drafts ------------------------------------------------------------------------------------------

  files(draft: string): Promise<DraftFile[]> {
    return this.read(() => this.db.all<DraftFile>('files', draft));
  }

  async file(draft: string, name: string): Promise<Blob | null> {
    const about = await this.read(() => this.db.get<DraftFile>('files', [draft, name]));
    const bytes = about && (await this.read(() => this.db.bytes('bytes', [draft, name])));
    return bytes ? new Blob([bytes], { type: about.type }) : null;
  }

  async saveFile(draft: string, file: NewFile): Promise<void> {
    await this.write(...rowsOf(draft, file));
  }

  async removeFile(draft: string, name: string): Promise<void> {
    await this.write(gone('files', [draft, name]), gone('bytes', [draft, name]));
  }

  async markSent(draft: string, names: string[]): Promise<void> {
    const files = await this.files(draft);
    const rows = files.filter((file) => names.includes(file.name)).map((file) => aboutFile({ ...file, sent: true }));
    if (rows.length) await this.write(...rows);
  }

  private hear(change: Change): void {
    if (change.kind === 'signed-out') this.end();
    for (const listener of [...this.listeners]) listener(change);
  }

  private end(): void {
    this.gone = true;
    this.db.spare.end();
  }

  private async read<T>(work: () => Promise<T>): Promise<T> {
    if (this.gone) throw new StoreProblem('locked', 'signed out');
    return work();
  }

  private async write(...entries: Put[]): Promise<void> {
    if (this.gone) throw new StoreProblem('locked', 'signed out');
    await this.db.put(...entries);
  }
}

function databaseOf(person: Person): Database {
  return new Database(person.database, person.key, spareOf(person));
}

async function bringBack(person: Person): Promise<void> {
  const database = databaseOf(person);
  await fill(database);
  database.close();
}

/** Another tab has handed it over meanwhile. */
function unlessSent(error: unknown): void {
  if (!(error instanceof StoreProblem && error.code === 'sent')) throw error;
}

function aboutFile(file: DraftFile): Put {
  return { table: 'files', key: [file.draft, file.name], value: file };
}

function rowsOf(draft: string, file: NewFile): Put[] {
  const { name, type, bytes } = file;
  return [
    aboutFile({ draft, name, type, bytes: bytes.byteLength, sent: false }),
    { table: 'bytes', key: [draft, name], bytes },
  ];
}

function gone(table: Put['table'], key: Put['key']): Put {
  return { table, key, gone: true };
}
