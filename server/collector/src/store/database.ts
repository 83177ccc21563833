// One person's database: every value sealed, every write on disk before it is called written.
import { openDB, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { seal, sealJson, unseal, unsealJson, type Sealed } from './crypt';

const SCHEMA = 1;
// files: what is said about a file; bytes: the file itself. Both are keyed by draft and name.
const TABLES = ['drafts', 'files', 'bytes', 'kept', 'bodies', 'media'] as const;
export type Table = (typeof TABLES)[number];
export type Key = string | [string, string];
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

  constructor(
    readonly name: string,
    private readonly key: CryptoKey,
  ) {}

  async get<T>(table: Table, key: Key): Promise<T | null> {
    const sealed = await this.run((db) => db.get(table, key) as Promise<Sealed | undefined>);
    return sealed ? unsealJson<T>(this.key, sealed, about(table, key)) : null;
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
    const rows = await Promise.all(entries.map((entry) => this.sealed(entry)));
    try {
      await this.run(async (db) => {
        const tables = [...new Set(entries.map((entry) => entry.table))];
        const transaction = db.transaction(tables, 'readwrite', { durability: 'strict' });
        entries.forEach((entry, n) => this.apply(transaction, entry, rows[n]!));
        await transaction.done;
      });
    } catch (error) {
      const full = error instanceof DOMException && error.name === 'QuotaExceededError';
      throw new StoreProblem(full ? 'full' : 'broken', String(error), { cause: error });
    }
  }

  close(): void {
    void this.opened?.then((db) => db.close()).catch(() => undefined);
    this.opened = null;
  }

  private async sealed(entry: Put): Promise<Sealed | null> {
    if (entry.gone) return null;
    const name = about(entry.table, entry.key);
    return entry.bytes ? seal(this.key, entry.bytes, name) : sealJson(this.key, entry.value, name);
  }

  private apply(transaction: IDBPTransaction<unknown, string[], 'readwrite'>, entry: Put, row: Sealed | null): void {
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

function about(table: Table, key: Key): string {
  return `${table}/${typeof key === 'string' ? key : key.join('/')}`;
}
