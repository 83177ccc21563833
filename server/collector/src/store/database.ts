// One person's database: every value sealed, every write on disk before it is called written, and then in the spare copy.
import { openDB, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { packed, seal, sealJson, unpacked, unseal, unsealJson, type Sealed } from './crypt';
import { Spare } from './spare';

const SCHEMA = 1;
// files: what is said about a file; bytes: the file itself. Both are keyed by draft and name.
export const TABLES = ['drafts', 'files', 'bytes', 'kept', 'bodies', 'media'] as const;
export type Table = (typeof TABLES)[number];
const NO_MARK = new Uint8Array();
export type Key = string | [string, string];
/** A sealed record as it lies there, and when it was written: later ones have later moments, whatever the clock says. */
export type Row = Sealed & { at: number };
/** A value and the mark of its sealing, which no other sealing has: whether somebody else has written since. */
export type Seen<T> = { value: T; mark: Uint8Array };
export type Put = { table: Table; key: Key; value?: unknown; bytes?: ArrayBuffer; gone?: boolean };

/** A write that the phone refused: `full` where there is no room, `broken` for anything else. */
export class StoreProblem extends Error {
  constructor(
    readonly code: 'full' | 'broken' | 'locked' | 'unknown' | 'sent',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreProblem';
  }
}

export class Database {
  private opened: Promise<IDBPDatabase> | null = null;
  private readonly copies = new Set<Promise<void>>(); // on their way into the spare

  constructor(
    readonly name: string,
    private readonly key: CryptoKey,
    readonly spare = new Spare(name),
  ) {}

  async get<T>(table: Table, key: Key): Promise<T | null> {
    const sealed = await this.run((db) => db.get(table, key) as Promise<Sealed | undefined>);
    return sealed ? unsealJson<T>(this.key, sealed, about(table, key)) : null;
  }

  async seen<T>(table: Table, key: Key): Promise<Seen<T> | null> {
    const sealed = await this.run((db) => db.get(table, key) as Promise<Sealed | undefined>);
    return sealed ? { value: await unsealJson<T>(this.key, sealed, about(table, key)), mark: sealed.iv } : null;
  }

  async bytes(table: Table, key: Key): Promise<ArrayBuffer | null> {
    const sealed = await this.run((db) => db.get(table, key) as Promise<Sealed | undefined>);
    return sealed ? unseal(this.key, sealed, about(table, key)) : null;
  }

  /** Every value of a table, or those of one draft. */
  async all<T>(table: Table, draft = ''): Promise<T[]> {
    const range = draft ? IDBKeyRange.bound([draft], [draft, []]) : undefined;
    const [keys, rows] = await this.run(async (db) => {
      const transaction = db.transaction(table);
      const found = await Promise.all([transaction.store.getAllKeys(range), transaction.store.getAll(range)]);
      await transaction.done;
      return found as [Key[], Sealed[]];
    });
    return Promise.all(rows.map((row, n) => unsealJson<T>(this.key, row, about(table, keys[n]!))));
  }

  keys(table: Table): Promise<Key[]> {
    return this.run((db) => db.getAllKeys(table) as Promise<Key[]>);
  }

  /** All of these or none. Sealed before the transaction begins: a transaction ends while it waits for a cipher. */
  async put(...entries: Put[]): Promise<void> {
    await this.write(entries, null);
  }

  /**
   * Puts all of these if the first still is what was seen of it, else none. Gives the new mark of the first, or null.
   * One transaction and nothing before it: while somebody types, each wait for the browser may take long.
   */
  swap(seen: Uint8Array, ...entries: [Put, ...Put[]]): Promise<Uint8Array | null> {
    return this.write(entries, seen);
  }

  private async write(entries: Put[], seen: Uint8Array | null): Promise<Uint8Array | null> {
    const at = this.spare.now();
    const rows = await Promise.all(entries.map((entry) => this.sealed(entry)));
    try {
      const mark = await this.run(async (db) => {
        const tables = [...new Set(entries.map((entry) => entry.table))];
        const transaction = db.transaction(tables, 'readwrite', { durability: 'strict' });
        transaction.done.catch(() => undefined); // told by whichever request fails first
        const first = entries[0]!;
        const there = seen && ((await transaction.objectStore(first.table).get(first.key)) as Sealed | undefined);
        if (seen && !(there && sameBytes(there.iv, seen))) {
          await transaction.done;
          return null;
        }
        entries.forEach((entry, n) => this.apply(transaction, entry, rows[n] && { ...rows[n]!, at }));
        await transaction.done;
        return rows[0]?.iv ?? NO_MARK;
      });
      if (mark) this.remember(this.copy(entries, rows, at));
      return mark;
    } catch (error) {
      const full = error instanceof DOMException && error.name === 'QuotaExceededError';
      throw new StoreProblem(full ? 'full' : 'broken', String(error), { cause: error });
    }
  }

  /** Resolves when everything written so far stands in the spare copy too. */
  async settled(): Promise<void> {
    await Promise.all(this.copies);
  }

  /** Puts a value into the spare copy alone: quick, and safe from a browser that dies, not from a battery that does. */
  async putSpare(name: string, value: unknown): Promise<void> {
    const at = this.spare.now();
    await this.spare.put(name, packed(await sealJson(this.key, value, name)), at);
  }

  /** What stands under a name in the spare copy, where that is later than a record. */
  async laterSpare<T>(name: string, table: Table, key: Key): Promise<T | null> {
    const there = (await this.row(table, key))?.at ?? 0;
    if ((await this.spare.stamp(name)) <= there) return null;
    const row = await this.spareRow(name);
    return row && row.at > there ? unsealJson<T>(this.key, row, name) : null;
  }

  row(table: Table, key: Key): Promise<Row | undefined> {
    return this.run((db) => db.get(table, key) as Promise<Row | undefined>);
  }

  /** Puts a record as it is, unless a later one is there. */
  async putRow(table: Table, key: Key, row: Row): Promise<void> {
    await this.run(async (db) => {
      const transaction = db.transaction(table, 'readwrite', { durability: 'strict' });
      const there = (await transaction.store.get(key)) as Row | undefined;
      if (!there || there.at < row.at) await transaction.store.put(row, key);
      await transaction.done;
    });
  }

  copyRow(name: string, row: Row): Promise<void> {
    return this.spare.put(name, packed(row), row.at);
  }

  /** The newest whole record in the spare copy. */
  async spareRow(name: string): Promise<Row | null> {
    for (const { at, bytes } of await this.spare.copies(name)) {
      const row = unpacked(bytes);
      const whole = await unseal(this.key, row, name).then(() => true, () => false);
      if (whole) return { ...row, at };
    }
    return null;
  }

  close(): void {
    void this.opened?.then((db) => db.close()).catch(() => undefined);
    this.opened = null;
  }

  private remember(copy: Promise<void>): void {
    this.copies.add(copy);
    void copy.finally(() => this.copies.delete(copy));
  }

  /** A draft after its files, and what is said about a file after its bytes; the other way round where they go. */
  private async copy(entries: Put[], rows: (Sealed | null)[], at: number): Promise<void> {
    const order = entries.map((entry, n) => ({ name: about(entry.table, entry.key), row: rows[n] }));
    if (rows.some(Boolean)) order.reverse();
    for (const { name, row } of order) await (row ? this.spare.put(name, packed(row), at) : this.spare.drop(name));
  }

  private async sealed(entry: Put): Promise<Sealed | null> {
    if (entry.gone) return null;
    const name = about(entry.table, entry.key);
    return entry.bytes ? seal(this.key, entry.bytes, name) : sealJson(this.key, entry.value, name);
  }

  private apply(transaction: IDBPTransaction<unknown, string[], 'readwrite'>, entry: Put, row: Row | null | undefined): void {
    const store = transaction.objectStore(entry.table);
    // Their failure is the transaction's, which is waited for.
    (row ? store.put(row, entry.key) : store.delete(entry.key)).catch(() => undefined);
  }

  /** Browsers close a database under memory pressure or when a tab sleeps: then it is opened once more. */
  private async run<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T> {
    try {
      return await work(await this.open());
    } catch (error) {
      if (!(error instanceof DOMException) || !['InvalidStateError', 'AbortError'].includes(error.name)) throw error;
      this.close();
      return work(await this.open());
    }
  }

  private open(): Promise<IDBPDatabase> {
    this.opened ??= openDB(this.name, SCHEMA, {
      upgrade: (db, from) => upgrade(db, from),
      blocking: () => this.close(),
      terminated: () => (this.opened = null),
    }).catch((error: unknown) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }
}

/** Each step brings a database of version n to n + 1; none is ever changed once released. */
function upgrade(db: IDBPDatabase, from: number): void {
  if (from < 1) TABLES.forEach((table) => db.createObjectStore(table));
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, n) => byte === other[n]);
}

export function about(table: Table, key: Key): string {
  return `${table}/${typeof key === 'string' ? key : key.join('/')}`;
}

/** A record's table and key from its name. */
export function named(name: string): { table: Table; key: Key } {
  const [table, first, ...rest] = name.split('/') as [Table, string, ...string[]];
  return { table, key: rest.length ? [first, rest.join('/')] : first };
}
