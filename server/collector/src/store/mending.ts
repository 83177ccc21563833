// Two copies made one again: what a browser that was killed has lost here or not yet put there.
import { about, named, sameBytes, TABLES, type Database, type Key, type Table } from './database';

// Small records that change under their name. The rest is large: it comes with what is said about it, or anew.
const COMPARED: readonly Table[] = ['drafts', 'kept'];

/** Brings back all that the spare copy has. */
export async function fill(database: Database): Promise<void> {
  for (const name of await database.spare.names()) {
    const { table, key } = named(name);
    const row = TABLES.includes(table) ? await database.spareRow(name) : null;
    if (row) await database.putRow(table, key, row);
  }
}

/**
 * Brings over what is later in the spare copy. A torn record swallows what is written behind it, up to its own length,
 * and says nothing: whole drafts and photos may be missing then, though the databases are there.
 */
export async function catchUp(database: Database): Promise<void> {
  const names = await database.spare.names();
  const later = names.map(named).filter(({ table }) => COMPARED.includes(table));
  const found = await Promise.all(later.map(async (record) => ({ ...record, ahead: await isAhead(database, record) })));
  const drafts = new Set(found.filter(({ table, ahead }) => table === 'drafts' && ahead).map(({ key }) => key));
  const here = new Set(await database.keys('drafts'));
  for (const table of ['bytes', 'files'] as const) {
    const known = new Set((await database.keys(table)).map((key) => about(table, key)));
    for (const name of names.filter((one) => named(one).table === table)) {
      const draft = named(name).key[0]!;
      if (drafts.has(draft) || (here.has(draft) && !known.has(name))) await bring(database, name);
    }
  }
  for (const { table, key, ahead } of found) if (ahead) await bring(database, about(table, key));
}

/** Makes the spare copy whole: what a phone that died, or one that was full, did not get into it. */
export async function mend(database: Database): Promise<void> {
  const left = new Set(await database.spare.names());
  for (const table of TABLES) {
    for (const key of await database.keys(table)) {
      const name = about(table, key);
      if (!left.delete(name) || COMPARED.includes(table) || table === 'files') await copyOver(database, table, key);
    }
  }
  const drafts = new Set(await database.keys('drafts'));
  for (const name of left) {
    const { table, key } = named(name);
    const draft = typeof key === 'string' ? key : key[0];
    const belongs = ['files', 'bytes', 'answers'].includes(table) && drafts.has(draft);
    // A draft or something small that is not here was written a moment ago, or is brought over at the next start.
    const awaited = COMPARED.includes(table) && (await database.spareRow(name));
    if (!belongs && !awaited) await database.spare.drop(name);
  }
}

async function isAhead(database: Database, { table, key }: { table: Table; key: Key }): Promise<boolean> {
  const [row, stamp] = await Promise.all([database.row(table, key), database.spare.stamp(about(table, key))]);
  database.spare.saw(row?.at ?? 0);
  return stamp > (row?.at ?? 0);
}

async function bring(database: Database, name: string): Promise<void> {
  const { table, key } = named(name);
  const row = await database.spareRow(name);
  if (row) await database.putRow(table, key, row);
}

async function copyOver(database: Database, table: Table, key: Key): Promise<void> {
  const name = about(table, key);
  const row = await database.row(table, key);
  if (!row || (await database.spare.stamp(name)) >= row.at) return;
  const copy = await database.spareRow(name);
  if (copy && sameBytes(copy.iv, row.iv)) return;
  await database.copyRow(name, row);
  if (table === 'files') await copyOver(database, 'bytes', key);
}
