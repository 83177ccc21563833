// One submission in pieces: each POST carries the XML and some of its files (OpenRosa's *isIncomplete*); each file is
// remembered as sent, so that a broken connection goes on with the next one. Only 201 and 202 are receipts.
import type { Device, Draft, DraftFile } from '../contract';
import type { Store } from '../store';
import { codeOf, sentenceOf, type Answer, type Post } from './transport';

const PART_BYTES = 2_000_000;
const PART_FILES = 20;

export type Outcome =
  | { kind: 'received'; message: string }
  | { kind: 'refused'; status: number; code: string; message: string }
  | { kind: 'later'; seconds: number } // no answer, or the server is busy; 0: by our own back-off
  | { kind: 'unknown-phone'; status: number }; // 401, 403: the key may be revoked

export async function submit(store: Store, device: Device, draft: Draft, post: Post): Promise<Outcome> {
  const files = (await store.files(draft.id)).filter((file) => named(draft.xml, file.name));
  const parts = partsOf(files.filter((file) => !file.sent));
  const whole = files.reduce((sum, file) => sum + file.bytes, draft.xml.length);
  let gone = files.filter((file) => file.sent).reduce((sum, file) => sum + file.bytes, 0);
  for (const [n, part] of parts.entries()) {
    const form = await formOf(store, draft, part, n < parts.length - 1);
    if (!form) return { kind: 'refused', status: 0, code: 'file.lost', message: '' };
    // Written before the first byte leaves: from now on the server may have it.
    if (draft.held === 'no') draft = await store.changeDraft(draft.id, (known) => ({ ...known, held: 'maybe' }));
    const size = part.reduce((sum, file) => sum + file.bytes, draft.xml.length);
    const answer = await post(addressOf(device), form, headersOf(device), (sent) => {
      store.say({ kind: 'progress', id: draft.id, percent: percent(gone + Math.min(sent, size), whole) });
    });
    if (answer.status !== 201 && answer.status !== 202) return outcomeOf(answer);
    await store.markSent(draft.id, part.map((file) => file.name));
    gone += part.reduce((sum, file) => sum + file.bytes, 0);
    const progress = percent(gone, whole);
    draft = await store.changeDraft(draft.id, (known) => ({ ...known, held: 'yes', progress }));
    if (n === parts.length - 1) return { kind: 'received', message: sentenceOf(answer.text) };
  }
  return { kind: 'later', seconds: 0 };
}

/** Files in the order they were made, at most so many and so large a POST; at least one POST. */
export function partsOf(files: readonly DraftFile[]): DraftFile[][] {
  const parts: DraftFile[][] = [[]];
  let size = 0;
  for (const file of files) {
    const part = parts.at(-1)!;
    if (part.length && (size + file.bytes > PART_BYTES || part.length >= PART_FILES)) {
      parts.push([file]);
      size = file.bytes;
    } else {
      part.push(file);
      size += file.bytes;
    }
  }
  return parts;
}

/** 200 is what a hotel's log-in page answers, not a receipt. Busy and broken servers are asked again. */
export function outcomeOf(answer: Answer): Outcome {
  const { status } = answer;
  if (status === 401 || status === 403) return { kind: 'unknown-phone', status };
  const busy = status === 408 || status === 425 || status === 429 || status >= 500;
  if (status < 400 || busy) return { kind: 'later', seconds: answer.retryAfter };
  return { kind: 'refused', status, code: codeOf(answer.text) || `http.${status}`, message: sentenceOf(answer.text) };
}

async function formOf(store: Store, draft: Draft, part: DraftFile[], more: boolean): Promise<FormData | null> {
  const form = new FormData();
  form.append('xml_submission_file', new Blob([draft.xml], { type: 'text/xml' }), 'submission.xml');
  if (more) form.append('*isIncomplete*', 'yes');
  for (const { name } of part) {
    const blob = await store.file(draft.id, name);
    if (!blob) return null;
    form.append(name, blob, name);
  }
  return form;
}

function addressOf(device: Device): string {
  return `/v1/projects/${device.project}/submission?deviceID=${encodeURIComponent(device.device)}`;
}

function headersOf(device: Device): Record<string, string> {
  return {
    Authorization: `Bearer ${device.key}`,
    'X-OpenRosa-Version': '1.0',
    'Accept-Language': device.language === 'en' ? 'en' : 'zh-CN',
  };
}

function named(xml: string, name: string): boolean {
  return xml.includes(`>${name}<`);
}

function percent(sent: number, whole: number): number {
  return whole ? Math.min(99, Math.floor((sent * 100) / whole)) : 0;
}
