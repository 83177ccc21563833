// Drafts and their files as one file under a passphrase, from phone to phone or by USB. What has been handed over may be
// sent by both: the server keeps one record of an instanceID.
//
// The file: "LPQ1", 16 bytes of salt, 12 of IV, then AES-256-GCM of: length of the list (4 bytes), the list as JSON,
// the files' bytes one behind the other. The key is PBKDF2-SHA-256 of the passphrase.
import type { Draft, DraftFile, FormBody } from '../contract';
import { utf8 } from '../store/crypt';
import { StoreProblem, type NewFile, type Store } from '../store';

const MAGIC = 'LPQ1';
const ROUNDS = 600_000;
const SALT = 16;
const IV = 12;

type List = { made_at: string; drafts: Draft[]; files: DraftFile[]; bodies: FormBody[] };

export class HandoverProblem extends Error {
  constructor(readonly code: 'passphrase' | 'format') {
    super(code);
    this.name = 'HandoverProblem';
  }
}

export async function exportDrafts(store: Store, ids: readonly string[], passphrase: string): Promise<Blob> {
  const list: List = { made_at: new Date().toISOString(), drafts: [], files: [], bodies: [] };
  const parts: ArrayBuffer[] = [];
  for (const id of ids) {
    const draft = await store.draft(id);
    if (!draft) throw new StoreProblem('unknown', `no draft ${id}`);
    list.drafts.push(draft);
    for (const file of await store.files(id)) {
      const blob = await store.file(id, file.name);
      if (!blob) continue;
      list.files.push({ ...file, sent: false });
      parts.push(await blob.arrayBuffer());
    }
    const body = list.bodies.some((known) => known.hash === draft.form_hash) ? null : await store.body(draft.form_hash);
    if (body) list.bodies.push(body);
  }
  const head = utf8(JSON.stringify(list));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.byteLength);
  return sealed(await new Blob([length, head, ...parts]).arrayBuffer(), passphrase);
}

/** Keeps what is not here yet (by instanceID) and gives how many that were. Throws HandoverProblem. */
export async function importDrafts(store: Store, file: Blob, passphrase: string): Promise<number> {
  const content = await unsealed(await file.arrayBuffer(), passphrase);
  const length = new DataView(content).getUint32(0);
  const list = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length))) as List;
  for (const body of list.bodies) await store.keepBody(body);
  const bytes = new Map<string, NewFile[]>();
  let offset = 4 + length;
  for (const { draft, name, type, bytes: size } of list.files) {
    const file = { name, type, bytes: content.slice(offset, (offset += size)) };
    bytes.set(draft, [...(bytes.get(draft) ?? []), file]);
  }
  let added = 0;
  for (const draft of list.drafts) {
    if (await store.draft(draft.id)) continue;
    // Under way on the other phone is waiting on this one.
    const state = draft.state === 'sending' ? 'waiting' : draft.state;
    await store.addDraft({ ...draft, state, attempts: 0, next_try_at: '' }, bytes.get(draft.id));
    added += 1;
  }
  return added;
}

async function sealed(content: ArrayBuffer, passphrase: string): Promise<Blob> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT));
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const key = await keyOf(passphrase, salt);
  const box = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(MAGIC) }, key, content);
  return new Blob([MAGIC, salt, iv, box], { type: 'application/octet-stream' });
}

async function unsealed(file: ArrayBuffer, passphrase: string): Promise<ArrayBuffer> {
  const start = MAGIC.length;
  if (file.byteLength < start + SALT + IV + 16 || new TextDecoder().decode(file.slice(0, start)) !== MAGIC) {
    throw new HandoverProblem('format');
  }
  const salt = new Uint8Array(file.slice(start, start + SALT));
  const iv = new Uint8Array(file.slice(start + SALT, start + SALT + IV));
  const key = await keyOf(passphrase, salt);
  const box = file.slice(start + SALT + IV);
  return crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(MAGIC) }, key, box).catch(() => {
    throw new HandoverProblem('passphrase');
  });
}

async function keyOf(passphrase: string, salt: BufferSource): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', utf8(passphrase.normalize('NFKC')), 'PBKDF2', false, ['deriveKey']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
