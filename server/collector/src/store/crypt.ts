// What the phone keeps is sealed with AES-GCM under a key that no script can read out and that signing out destroys.

export type Sealed = { iv: Uint8Array<ArrayBuffer>; box: ArrayBuffer };

const IV_BYTES = 12;
const KEY_BYTES = 32;

export function newSecret(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/** A key that can be used and kept (in IndexedDB) but never read. */
export function keyFrom(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** Seals bytes; `about` names the record, so that sealed records cannot change places. */
export async function seal(key: CryptoKey, bytes: BufferSource, about: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const box = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(about) }, key, bytes);
  return { iv, box };
}

/** The bytes of a sealed record. Throws (OperationError) for another key, another record or damaged bytes. */
export function unseal(key: CryptoKey, sealed: Sealed, about: string): Promise<ArrayBuffer> {
  const algorithm = { name: 'AES-GCM', iv: sealed.iv, additionalData: utf8(about) };
  return crypto.subtle.decrypt(algorithm, key, sealed.box);
}

/** A sealed record as bytes in a row, and back. */
export function packed({ iv, box }: Sealed): BlobPart[] {
  return [iv, box];
}

export function unpacked(bytes: ArrayBuffer): Sealed {
  return { iv: new Uint8Array(bytes.slice(0, IV_BYTES)), box: bytes.slice(IV_BYTES) };
}

export function sealJson(key: CryptoKey, value: unknown, about: string): Promise<Sealed> {
  return seal(key, utf8(JSON.stringify(value)), about);
}

export async function unsealJson<T>(key: CryptoKey, sealed: Sealed, about: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await unseal(key, sealed, about))) as T;
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}
