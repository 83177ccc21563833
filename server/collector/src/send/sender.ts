// The queue. It works at start, when the network comes back, when the app is looked at, and by a timer with patience.
// Two tabs send once (Web Locks). Background Sync helps where a browser has it; nothing depends on it.
import type { Draft } from '../contract';
import type { Store } from '../store';
import { aloneOrNot } from '../store/locks';
import { refusalOfPhone } from './phone_key';
import { submit, type Outcome } from './submit';
import { postFromPage, type Post } from './transport';

const FIRST_DELAY_S = 5;
const LONGEST_DELAY_S = 900;
const LOOK_AGAIN_MS = 60_000;

/** `revoked`: this phone was signed out by the office; `signed-out`: its key is not accepted. Nothing is sent then. */
export type SenderState = 'idle' | 'sending' | 'offline' | 'revoked' | 'signed-out';

export class Sender {
  state: SenderState = 'idle';
  private readonly ending = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly post: Post = postFromPage,
  ) {}

  /** Begins to listen, and sends what waits. */
  start(): void {
    const { signal } = this.ending;
    addEventListener('online', () => void this.sendNow(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || void this.wake(), { signal });
    const stop = this.store.subscribe((change) => change.kind === 'drafts' && this.state === 'idle' && this.soon(50));
    signal.addEventListener('abort', stop);
    void this.wake();
  }

  stop(): void {
    this.ending.abort();
    clearTimeout(this.timer);
  }

  /** Tries at once, whatever the back-off says: one draft, or all that wait. */
  async sendNow(id = ''): Promise<void> {
    for (const draft of await this.store.drafts()) {
      if (draft.state === 'waiting' && draft.next_try_at && (!id || draft.id === id)) {
        await this.store.changeDraft(draft.id, (known) => ({ ...known, next_try_at: '' }));
      }
    }
    await this.wake();
  }

  /** Sends everything that is due, if no other tab does so now. */
  async wake(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.ending.signal.aborted) return;
    await aloneOrNot(`${this.store.person.database}.send`, () => this.sendDue()).catch(() => undefined);
    if (!this.ending.signal.aborted) this.soon(await this.untilNext().catch(() => LOOK_AGAIN_MS));
  }

  private async sendDue(): Promise<void> {
    const tried = new Set<string>();
    for (;;) {
      const draft = due(await this.store.drafts(), tried);
      if (!draft || this.ending.signal.aborted) break;
      tried.add(draft.id);
      this.tell('sending');
      const outcome = await this.sendOne(draft);
      if (outcome.kind === 'unknown-phone') return;
      if (outcome.kind === 'later') return this.tell(navigator.onLine === false ? 'offline' : 'idle');
    }
    if (this.state === 'sending' || this.state === 'offline') this.tell('idle');
  }

  private async sendOne(draft: Draft): Promise<Outcome> {
    const device = await this.store.device();
    if (!device) return { kind: 'later', seconds: 0 };
    const sending = await this.store.changeDraft(draft.id, (known) => ({ ...known, state: 'sending', refusal: null }));
    let outcome = await submit(this.store, device, sending, this.post);
    if (outcome.kind === 'unknown-phone') {
      const state = await refusalOfPhone(device);
      // The phone is known: it was this submission that its holder may not send.
      if (!state) outcome = { kind: 'refused', status: outcome.status, code: 'auth.forbidden', message: '' };
      else this.tell(state);
    }
    await this.store.changeDraft(draft.id, (known) => settled(known, outcome));
    if (outcome.kind === 'received') await this.dropReplaced(draft);
    return outcome;
  }

  /** A refused version whose correction has arrived is of no more use. */
  private async dropReplaced(draft: Draft): Promise<void> {
    const old = draft.deprecated_id ? await this.store.draft(draft.deprecated_id) : null;
    if (old?.state === 'refused') await this.store.removeDraft(old.id);
  }

  private async untilNext(): Promise<number> {
    const waiting = (await this.store.drafts()).filter((draft) => draft.state === 'waiting' || draft.state === 'sending');
    if (!waiting.length) return LOOK_AGAIN_MS;
    const next = Math.min(...waiting.map((draft) => Date.parse(draft.next_try_at) || Date.now() + FIRST_DELAY_S * 1000));
    return Math.min(LOOK_AGAIN_MS, Math.max(200, next - Date.now()));
  }

  private soon(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.wake(), milliseconds);
  }

  private tell(state: SenderState): void {
    if (state === this.state) return;
    this.state = state;
    this.store.say({ kind: state === 'revoked' ? 'revoked' : 'sender' });
  }
}

/** The oldest draft whose time has come. `sending` is what a killed browser left; a correction waits for what it corrects. */
export function due(drafts: readonly Draft[], tried: ReadonlySet<string>, now = new Date().toISOString()): Draft | undefined {
  const onTheirWay = new Set(drafts.filter((draft) => draft.state === 'waiting' || draft.state === 'sending').map((draft) => draft.id));
  return drafts
    .filter((draft) => onTheirWay.has(draft.id) && !tried.has(draft.id))
    .filter((draft) => draft.state === 'sending' || draft.next_try_at <= now)
    .filter((draft) => !onTheirWay.has(draft.deprecated_id))
    .sort((a, b) => a.created_at.localeCompare(b.created_at))[0];
}

/** What a draft is after an attempt. */
export function settled(draft: Draft, outcome: Outcome, now = Date.now()): Draft {
  const at = new Date(now).toISOString();
  switch (outcome.kind) {
    case 'received':
      return { ...draft, state: 'sent', progress: 100, held: 'yes', receipt: { at, message: outcome.message }, next_try_at: '' };
    case 'refused': {
      const { code, status, message } = outcome;
      const held = draft.held === 'yes' ? 'yes' : 'no';
      return { ...draft, state: 'refused', held, refusal: { code, status, message: { zh: message, en: message } } };
    }
    case 'unknown-phone':
      return { ...draft, state: 'waiting', next_try_at: new Date(now + LOOK_AGAIN_MS).toISOString() };
    case 'later': {
      const seconds = outcome.seconds || delay(draft.attempts);
      const next_try_at = new Date(now + seconds * 1000).toISOString();
      return { ...draft, state: 'waiting', attempts: draft.attempts + 1, next_try_at };
    }
  }
}

/** Seconds until the next attempt: 5, 10, 20 ... 900, each between half and the whole of it. */
export function delay(attempts: number, random = Math.random()): number {
  return Math.min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** attempts) * (0.5 + random / 2);
}
