// What the screens ask of the phone. Implemented by src/store, src/send and src/engine (put together in src/main.ts),
// and by a fake in tests/collector/screens. Screens import nothing else of those folders.
//
// Agreed with the engine: a page is one entry of FormBody.sections, shown as a whole, whatever groups it has inside.
// Photos, signatures and voice memos are put into the form's own file inputs (`input.files` and a `change` event), so
// the engine needs none of its own widgets for files, drawing, dates, numbers, positions or long lists.
import type {
  Device, Draft, DraftFile, FormBody, FormEntry, FormSession, Language, Package, Returned, School, Words,
} from '../contract';

export type RefreshResult = 'new' | 'same' | 'offline' | 'revoked' | 'signed-out';

export type StorageState = {
  used: number; // bytes
  quota: number; // bytes that the browser promises, 0 if it does not say
  persisted: boolean; // whether the browser has promised not to evict
  media: number; // bytes of photos still unsent
  copied: boolean; // whether the second copy, from which a damaged database is brought back, is whole
};

export interface Phone {
  readonly revoked: boolean; // the office has signed this phone out: nothing opens, and soon nothing is left
  device(): Device | null; // null: this browser is not bound to a person yet
  bind(name: string): Promise<Device>; // after signing in at /sign-in; throws PhoneProblem 'sign-in' where nobody is
  bindWith(code: string): Promise<Device>; // the code of a link or QR made for this person
  signOut(): Promise<void>; // destroys the key and everything kept
  package(): Package | null;
  refreshed(): string; // ISO time of the last successful look at the server, or ''
  refresh(): Promise<RefreshResult>;
  forms(): Promise<{ entry: FormEntry; kept: boolean; bytes: number }[]>; // kept: can be opened offline
  body(form_id: string): Promise<FormBody>; // of the version to begin with now
  draftBody(draft: Draft): Promise<FormBody>; // of the version that the draft keeps
  media(url: string): Promise<Blob | null>; // an old photo, if it is on this phone or can be had now

  drafts(): Promise<Draft[]>; // every state, newest first
  draft(id: string): Promise<Draft | null>;
  create(make: NewDraft): Promise<Draft>;
  correct(returned: Returned): Promise<Draft>; // or the draft already begun for it
  discard(id: string): Promise<void>;
  files(id: string): Promise<DraftFile[]>;
  file(id: string, name: string): Promise<Blob | null>;
  open(draft: Draft, host: HTMLElement, language: Language): Promise<OpenForm>;

  queue(id: string): Promise<void>; // draft -> waiting
  // waiting or refused -> draft. Gives the draft to edit: a new version of it where the server may have this one already.
  reopen(id: string): Promise<Draft>;
  sendNow(id?: string): Promise<void>;
  exportFile(ids: string[], passphrase: string): Promise<Blob>;
  importFile(file: Blob, passphrase: string): Promise<number>; // how many came in that were not here

  storage(): Promise<StorageState>;
  askPersistence(): Promise<boolean>;
  onProgress(listener: (id: string, percent: number) => void): () => void; // while a draft is being sent
  onChange(listener: () => void): () => void; // drafts, queue, package or storage changed
}

export type NewDraft = {
  form_id: string;
  school: School | null;
  keyed?: boolean;
  // Answers put in at the start. `row` counts from 0 in the repeat that the item stands in; rows are added as needed.
  answers?: { item: string; value: string; row?: number }[];
};

export type OpenForm = {
  session: FormSession;
  body: FormBody;
  onSaved(listener: (at: string) => void): void; // after each save that reached the disk
};

export class PhoneProblem extends Error {
  constructor(readonly code: string, readonly words: Words) {
    super(words.en);
  }
}
