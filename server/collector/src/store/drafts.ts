// A draft's way: begun, queued, taken back, corrected. The XML of a draft that the server may hold is never changed.
import type { Draft, FormBody, Returned, School } from '../contract';
import { asCorrection } from '../engine/instance';
import { StoreProblem, type NewFile, type Store } from './index';

export type Visited = Pick<School, 'code' | 'name'>;
// `row` counts from 0 in the repeat that the item stands in.
export type Prefill = { item: string; value: string; row?: number }[];

/** Begins a checklist for a school; on disk when this resolves. Its XML is made when it is opened first. */
export async function beginDraft(
  store: Store, body: FormBody, school: Visited | null, keyed = false, answers: Prefill = [],
): Promise<Draft> {
  const draft = { ...blank(newInstanceId(), body), unit: school?.code ?? '', unit_name: school?.name ?? '', keyed };
  if (answers.length) await store.keepSetting(prefillOf(draft.id), answers);
  await store.addDraft(draft);
  return draft;
}

/** The answers to put in where nothing stands yet; a question that is not asked at first takes its own later. */
export async function prefill(store: Store, draft: Draft): Promise<Prefill> {
  return (await store.setting<Prefill>(prefillOf(draft.id))) ?? [];
}

/** What was put in is forgotten: an answer that is emptied later stays empty when the draft is opened again. */
export function keepPrefill(store: Store, id: string, rest: Prefill): Promise<void> {
  return store.keepSetting(prefillOf(id), rest);
}

function prefillOf(id: string): string {
  return `prefill.${id}`;
}

/** Hands a finished draft over to the queue. */
export function enqueue(store: Store, id: string): Promise<Draft> {
  return store.changeDraft(id, (draft) => ({
    ...draft, state: 'waiting', progress: 0, refusal: null, attempts: 0, next_try_at: now(), changed_at: now(),
  }));
}

/**
 * Opens a queued, refused or sent draft for editing and gives the draft to edit: the same one where the server cannot
 * have it yet, else a new version that corrects it (`deprecated_id`). Throws StoreProblem "sent" while it is being sent.
 */
export async function reopen(store: Store, id: string): Promise<Draft> {
  const draft = await store.draft(id);
  if (!draft) throw new StoreProblem('unknown', `no draft ${id}`);
  if (draft.state === 'draft') return draft;
  if (draft.held !== 'no' || draft.state === 'sent') return correct(store, draft);
  return store.changeDraft(id, (known) => {
    if (known.state === 'sending' || known.state === 'sent') throw new StoreProblem('sent', `draft ${id} is on its way`);
    return { ...known, state: 'draft' };
  });
}

/** A reviewer sent it back: a new version of it, opened with the remark. Made once; asked again, the same one. */
export async function openReturned(
  store: Store, returned: Returned, body: FormBody, school: Visited | null, files: NewFile[] = [],
): Promise<Draft> {
  const begun = (await store.drafts()).find((draft) => draft.deprecated_id === returned.instance_id);
  if (begun) return begun;
  const id = newInstanceId();
  const draft: Draft = {
    ...blank(id, body),
    deprecated_id: returned.instance_id,
    xml: asCorrection(returned.xml, id, returned.instance_id),
    unit: school?.code ?? returned.unit,
    unit_name: school?.name ?? returned.unit,
    remark: returned.remark,
  };
  await store.addDraft(draft, files);
  return draft;
}

async function correct(store: Store, draft: Draft): Promise<Draft> {
  const begun = (await store.drafts()).find((other) => other.deprecated_id === draft.id);
  if (begun) return begun;
  const id = newInstanceId();
  const files: NewFile[] = [];
  for (const { name, type } of await store.files(draft.id)) {
    const blob = await store.file(draft.id, name);
    if (blob) files.push({ name, type, bytes: await blob.arrayBuffer() });
  }
  const next: Draft = {
    ...draft,
    ...queueless(),
    id,
    deprecated_id: draft.id,
    xml: asCorrection(draft.xml, id, draft.id),
    created_at: now(),
    changed_at: now(),
  };
  await store.addDraft(next, files);
  return next;
}

function blank(id: string, body: FormBody): Draft {
  return {
    ...queueless(),
    id,
    deprecated_id: '',
    form_id: body.form_id,
    version: body.version,
    form_hash: body.hash,
    unit: '',
    unit_name: '',
    xml: '',
    answered: 0,
    total: 0,
    page: 0,
    keyed: false,
    created_at: now(),
    changed_at: now(),
    remark: '',
  };
}

/** What a draft is that was never queued. */
function queueless(): Pick<
  Draft, 'state' | 'progress' | 'refusal' | 'receipt' | 'attempts' | 'next_try_at' | 'held'
> {
  return { state: 'draft', progress: 0, refusal: null, receipt: null, attempts: 0, next_try_at: '', held: 'no' };
}

function newInstanceId(): string {
  return `uuid:${crypto.randomUUID()}`;
}

function now(): string {
  return new Date().toISOString();
}
