import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Device, FormBody } from '../contract';
import { keyFrom, newSecret, seal, unseal, utf8 } from './crypt';
import { Database } from './database';
import { beginDraft, enqueue, prefill, reopen } from './drafts';
import { Store, StoreProblem } from './index';
import { Shelves } from './shelves';

const device = (login: string): Device => ({ device: 'd', key: 'k', project: 1, person: { login, name: login }, language: 'zh' });
const body = (hash: string): FormBody => ({
  form_id: 'f01', version: hash, hash, title: { zh: '表', en: 'Form' }, languages: ['zh'], html: '', model: '', items: [],
  unit_item: '', sections: [], lists: [],
});
const newKey = () => keyFrom(newSecret());
const bytes = (text: string) => utf8(text).buffer;
const code = (error: unknown) => (error as StoreProblem).code;

describe('sealing', () => {
  it('opens with the same key for the same record only', async () => {
    const [key, other] = [await newKey(), await newKey()];
    const sealed = await seal(key, utf8('秘密'), 'drafts/1');
    expect(new TextDecoder().decode(await unseal(key, sealed, 'drafts/1'))).toBe('秘密');
    await expect(unseal(other, sealed, 'drafts/1')).rejects.toThrow();
    await expect(unseal(key, sealed, 'drafts/2')).rejects.toThrow();
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
  });
});

describe('one person', () => {
  let store: Store;
  beforeEach(async () => {
    store = await Store.signIn(device(`p${Math.random()}`));
  });

  it('keeps drafts and their files, and finds them again', async () => {
    const draft = await beginDraft(store, body('a'), { code: 'S01', name: '一小' }, false, [{ item: 'q', value: '1' }]);
    await store.saveAnswers(draft.id, { xml: '<data/>', answered: 1, total: 2, page: 1 }, { name: 'p.jpg', type: 'image/jpeg', bytes: bytes('x') });
    const again = (await Store.current())!;
    expect(await again.draft(draft.id)).toMatchObject({ xml: '<data/>', unit: 'S01', answered: 1, state: 'draft' });
    expect(await (await again.file(draft.id, 'p.jpg'))!.text()).toBe('x');
    expect(await again.files(draft.id)).toEqual([{ draft: draft.id, name: 'p.jpg', type: 'image/jpeg', bytes: 1, sent: false }]);
    expect(await prefill(again, draft)).toEqual([{ item: 'q', value: '1' }]);
    await again.removeDraft(draft.id);
    expect([await again.drafts(), await again.files(draft.id)]).toEqual([[], []]);
  });

  it('loses no change where many come at once', async () => {
    const { id } = await beginDraft(store, body('a'), null);
    await Promise.all(Array.from({ length: 20 }, () => store.changeDraft(id, (draft) => ({ ...draft, attempts: draft.attempts + 1 }))));
    expect((await store.draft(id))!.attempts).toBe(20);
  });

  it('never writes over what is on its way', async () => {
    const { id } = await beginDraft(store, body('a'), null);
    await enqueue(store, id);
    const late = store.saveAnswers(id, { xml: '<late/>', answered: 0, total: 0, page: 0 });
    expect(code(await late.catch((error: unknown) => error))).toBe('sent');
    expect((await store.draft(id))!.xml).toBe('');
    expect((await reopen(store, id)).id).toBe(id);
  });

  it('keeps checklists as long as the package or a draft needs them', async () => {
    for (const hash of ['old', 'kept', 'new']) await store.keepBody(body(hash));
    await beginDraft(store, body('kept'), null);
    await store.tidy(new Set(['new']), new Set());
    expect([...(await store.bodyHashes())].sort()).toEqual(['kept', 'new']);
  });

  it('never writes over what another tab has changed meanwhile', async () => {
    const draft = await beginDraft(store, body('a'), null);
    const other = (await Store.current())!;
    const answers = { xml: '<a/>', answered: 1, total: 2, page: 0 };
    await store.saveAnswers(draft.id, answers);
    await enqueue(other, draft.id);
    expect(code(await store.saveAnswers(draft.id, answers).catch((error: unknown) => error))).toBe('sent');
    await reopen(other, draft.id);
    expect((await store.saveAnswers(draft.id, { ...answers, xml: '<b/>' })).state).toBe('draft');
    const once = (tab: Store) => tab.changeDraft(draft.id, (known) => ({ ...known, attempts: known.attempts + 1 }));
    await Promise.all(Array.from({ length: 30 }, (_, n) => once(n % 2 ? store : other)));
    expect(await other.draft(draft.id)).toMatchObject({ attempts: 30, xml: '<b/>' });
    await other.removeDraft(draft.id);
    expect(code(await store.saveAnswers(draft.id, answers).catch((error: unknown) => error))).toBe('unknown');
  });

  it('is told apart from the next person, and nothing is left when he signs out', async () => {
    await beginDraft(store, body('a'), null);
    const other = await Store.signIn(device('somebody else'));
    expect(await other.drafts()).toEqual([]);
    await store.signOut();
    expect(code(await store.drafts().catch((error: unknown) => error))).toBe('locked');
    expect((await Store.current())!.person.login).toBe('somebody else');
  });

  it('tells what changed', async () => {
    const told: string[] = [];
    store.subscribe((change) => told.push(change.kind));
    await beginDraft(store, body('a'), null);
    store.say({ kind: 'progress', id: 'x', percent: 3 });
    expect(told).toEqual(['drafts', 'progress']);
  });
});

describe('the database', () => {
  it('is opened again after the browser closed it', async () => {
    const database = new Database('closing', await newKey());
    await database.put({ table: 'kept', key: 'a', value: 1 });
    const opened = await (database as unknown as { open(): Promise<{ close(): void }> }).open();
    opened.close();
    await database.put({ table: 'kept', key: 'b', value: 2 });
    expect([await database.get('kept', 'a'), await database.get('kept', 'b')]).toEqual([1, 2]);
  });

  it('writes all of it or nothing', async () => {
    const database = new Database('whole', await newKey());
    const broken = { table: 'kept', key: 'b', value: 1n } as const;
    await expect(database.put({ table: 'kept', key: 'a', value: 1 }, broken)).rejects.toThrow();
    expect(await database.get('kept', 'a')).toBeNull();
  });
});

describe('the second copy', () => {
  const answers = (xml: string) => ({ xml, answered: 1, total: 2, page: 0 });
  let store: Store;
  beforeEach(async () => {
    globalThis.indexedDB = new IDBFactory();
    globalThis.caches = new Shelves() as unknown as CacheStorage;
    store = await Store.signIn(device('ada'));
    return () => { Reflect.deleteProperty(globalThis, 'caches'); };
  });

  it('brings a phone back whose databases are gone, once', async () => {
    const { id } = await beginDraft(store, body('a'), { code: 'S01', name: '一小' });
    await store.saveAnswers(id, answers('<a/>'), { name: 'p.jpg', type: 'image/jpeg', bytes: bytes('x') });
    await store.settled();
    globalThis.indexedDB = new IDBFactory();
    const back = (await Store.current())!;
    expect(back.recovered).toBe(true);
    expect(await back.draft(id)).toMatchObject({ xml: '<a/>', unit: 'S01' });
    expect(await (await back.file(id, 'p.jpg'))!.text()).toBe('x');
    expect((await back.device())!.person.login).toBe('ada');
    expect((await Store.current())!.recovered).toBe(false);
  });

  it('gives answers that stand there only, whatever happened to other drafts meanwhile', async () => {
    const [mine, other] = [await beginDraft(store, body('a'), null), await beginDraft(store, body('a'), null)];
    await store.saveAnswers(mine.id, answers('<a/>'));
    await enqueue(store, other.id);
    await new Promise((done) => setTimeout(done, 2));
    await store.copyAnswers(mine.id, answers('<b/>'));
    expect((await store.draft(mine.id))!.xml).toBe('<a/>');
    expect((await (await Store.current())!.draft(mine.id))!.xml).toBe('<b/>');
  });

  it('leaves what was handed over as it was handed over', async () => {
    const { id } = await beginDraft(store, body('a'), null);
    await store.saveAnswers(id, answers('<a/>'));
    await new Promise((done) => setTimeout(done, 2));
    await store.copyAnswers(id, answers('<late/>'));
    await enqueue(store, id);
    await store.copyAnswers(id, answers('<later/>'));
    expect(await (await Store.current())!.draft(id)).toMatchObject({ xml: '<a/>', state: 'waiting' });
  });

  it('knows nobody after signing out', async () => {
    await beginDraft(store, body('a'), null);
    await store.signOut();
    globalThis.indexedDB = new IDBFactory();
    expect(await Store.current()).toBeNull();
    expect((globalThis.caches as unknown as Shelves).kept.size).toBe(1); // the list of people, empty
  });
});
