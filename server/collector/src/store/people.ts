// Who is signed in on this phone, and the key to what he keeps. Signing out deletes the key: nothing can be read then.
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { keyFrom, newSecret, utf8 } from './crypt';
import { inTurn } from './locks';
import { Spare } from './spare';

export type Person = { login: string; key: CryptoKey; database: string; signed_in_at: string };
/** As the spare copy has it. The secret stands there for itself: what IndexedDB keeps of a key no script can take out. */
type Kept = Omit<Person, 'key'> & { secret: number[] };
type People = { current: string; people: Kept[] };

interface PeopleSchema extends DBSchema {
  people: { key: string; value: Person };
  current: { key: 'login'; value: string };
}

const NAME = 'liangpai.people';
const ENTRY = 'people';
const spare = new Spare(NAME);

/** The second copy of what a person keeps. */
export function spareOf(person: Pick<Person, 'database'>): Spare {
  return new Spare(person.database);
}

/** Who is signed in, or null. */
export async function currentPerson(): Promise<Person | null> {
  return within(async (db) => {
    const login = await db.get('current', 'login');
    return (login && (await db.get('people', login))) || null;
  });
}

/**
 * Where the browser has lost its databases: whoever was signed in, with what the spare copy has of his. `fill` brings
 * that back and comes first, so that a phone that dies meanwhile begins again. Null where there is nothing to bring back.
 */
export async function recoverPerson(fill: (person: Person) => Promise<void>): Promise<Person | null> {
  if (!(await listed()).current) return null;
  return inTurn(`${NAME}.recover`, async () => {
    const there = await currentPerson(); // another tab was faster
    const { current, people } = await listed();
    const kept = people.find((one) => one.login === current);
    if (there || !kept) return there;
    const { secret, ...rest } = kept;
    const person = { ...rest, key: await keyFrom(new Uint8Array(secret)) };
    await fill(person);
    await within((db) => makeCurrent(db, person));
    return person;
  });
}

/** Makes this person the one who is signed in; the first time with a new key and an empty database's name. */
export async function becomeCurrent(login: string): Promise<Person> {
  const secret = newSecret();
  const fresh: Person = {
    login,
    key: await keyFrom(secret),
    database: `liangpai.${crypto.randomUUID()}`,
    signed_in_at: new Date().toISOString(),
  };
  const person = await within((db) => makeCurrent(db, fresh));
  const { key: _key, ...rest } = person;
  await changeList(({ people }) => ({
    current: login,
    people: person === fresh ? [...people.filter((one) => one.login !== login), { ...rest, secret: [...secret] }] : people,
  }));
  return person;
}

/** Destroys the key, then the database that it opened. What was in it is gone, unsent work included. */
export async function forgetPerson(login: string): Promise<void> {
  const copied = (await listed()).people.find((one) => one.login === login);
  // The spare key first: what is left of a phone that dies between the two is a person who is still signed in.
  await changeList(({ current, people }) => ({
    current: current === login ? '' : current,
    people: people.filter((one) => one.login !== login),
  }));
  const known = await within(async (db) => {
    const transaction = db.transaction(['people', 'current'], 'readwrite', { durability: 'strict' });
    const known = await transaction.objectStore('people').get(login);
    await transaction.objectStore('people').delete(login);
    if ((await transaction.objectStore('current').get('login')) === login) {
      await transaction.objectStore('current').delete('login');
    }
    await transaction.done;
    return known;
  });
  if (copied) await spareOf(copied).destroy();
  if (!known) return;
  if (known.database !== copied?.database) await spareOf(known).destroy();
  // Another tab may hold it open; without its key it is unreadable, and it goes when that tab lets go.
  await Promise.race([deleteDB(known.database), new Promise((done) => setTimeout(done, 2000))]);
}

/** Gives whoever was known under this login before, else this one. */
async function makeCurrent(db: IDBPDatabase<PeopleSchema>, fresh: Person): Promise<Person> {
  const transaction = db.transaction(['people', 'current'], 'readwrite', { durability: 'strict' });
  const known = await transaction.objectStore('people').get(fresh.login);
  if (!known) await transaction.objectStore('people').put(fresh);
  await transaction.objectStore('current').put(fresh.login, 'login');
  await transaction.done;
  return known ?? fresh;
}

async function listed(): Promise<People> {
  for (const { bytes } of await spare.copies(ENTRY)) {
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as People;
    } catch {
      continue; // torn while it was written: the one before it
    }
  }
  return { current: '', people: [] };
}

async function changeList(change: (list: People) => People): Promise<void> {
  await inTurn(`${NAME}.list`, async () => {
    const list = change(await listed());
    if (!list.people.length) return spare.drop(ENTRY);
    // Once for each slot: nobody's secret stays in the older one.
    for (let slot = 0; slot < 2; slot += 1) await spare.put(ENTRY, [utf8(JSON.stringify(list))], spare.now());
  });
}

async function within<T>(work: (db: IDBPDatabase<PeopleSchema>) => Promise<T>): Promise<T> {
  const db = await openDB<PeopleSchema>(NAME, 1, {
    upgrade(made) {
      made.createObjectStore('people', { keyPath: 'login' });
      made.createObjectStore('current');
    },
  });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}
