// Who is signed in on this phone, and the key to what he keeps. Signing out deletes the key: nothing can be read then.
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { newKey } from './crypt';

export type Person = { login: string; key: CryptoKey; database: string; signed_in_at: string };

interface PeopleSchema extends DBSchema {
  people: { key: string; value: Person };
  current: { key: 'login'; value: string };
}

const NAME = 'liangpai.people';

/** Who is signed in, or null. */
export async function currentPerson(): Promise<Person | null> {
  return within(async (db) => {
    const login = await db.get('current', 'login');
    return (login && (await db.get('people', login))) || null;
  });
}

/** Makes this person the one who is signed in; the first time with a new key and an empty database's name. */
export async function becomeCurrent(login: string): Promise<Person> {
  const fresh: Person = {
    login,
    key: await newKey(),
    database: `liangpai.${crypto.randomUUID()}`,
    signed_in_at: new Date().toISOString(),
  };
  return within(async (db) => {
    const transaction = db.transaction(['people', 'current'], 'readwrite', { durability: 'strict' });
    const known = await transaction.objectStore('people').get(login);
    const person = known ?? fresh;
    if (!known) await transaction.objectStore('people').put(person);
    await transaction.objectStore('current').put(login, 'login');
    await transaction.done;
    return person;
  });
}

/** Destroys the key, then the database that it opened. What was in it is gone, unsent work included. */
export async function forgetPerson(login: string): Promise<void> {
  const database = await within(async (db) => {
    const transaction = db.transaction(['people', 'current'], 'readwrite', { durability: 'strict' });
    const known = await transaction.objectStore('people').get(login);
    await transaction.objectStore('people').delete(login);
    if ((await transaction.objectStore('current').get('login')) === login) {
      await transaction.objectStore('current').delete('login');
    }
    await transaction.done;
    return known?.database;
  });
  // Another tab may hold it open; without its key it is unreadable, and it goes when that tab lets go.
  if (database) await Promise.race([deleteDB(database), new Promise((done) => setTimeout(done, 2000))]);
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
