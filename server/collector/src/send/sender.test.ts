import { describe, expect, it } from 'vitest';
import type { Draft, DraftFile } from '../contract';
import { delay, due, settled } from './sender';
import { outcomeOf, partsOf } from './submit';
import { codeOf, sentenceOf } from './transport';

const draft = (id: string, more: Partial<Draft> = {}): Draft => ({
  id, deprecated_id: '', form_id: 'f', version: '1', form_hash: 'h', unit: 'S01', unit_name: '', state: 'waiting', xml: '',
  answered: 0, total: 0, page: 0, keyed: false, created_at: `2026-11-20T0${id}:00:00Z`, changed_at: '', remark: '',
  progress: 0, refusal: null, receipt: null, attempts: 0, next_try_at: '', held: 'no', ...more,
});
const answer = (status: number, text = '', retryAfter = 0) => ({ status, text, retryAfter });
const NOW = Date.parse('2026-11-20T12:00:00Z');
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

describe('whose turn it is', () => {
  it('is the oldest whose time has come', () => {
    const drafts = [draft('3'), draft('1', { next_try_at: at(60) }), draft('2'), draft('0', { state: 'draft' })];
    expect(due(drafts, new Set(), at(0))?.id).toBe('2');
    expect(due(drafts, new Set(['2']), at(0))?.id).toBe('3');
    expect(due(drafts, new Set(), at(61))?.id).toBe('1');
  });

  it('takes up what a killed browser left half sent, whatever its back-off', () => {
    expect(due([draft('1', { state: 'sending', next_try_at: at(900) })], new Set(), at(0))?.id).toBe('1');
  });

  it('sends a correction after what it corrects', () => {
    const both = [draft('2', { deprecated_id: '5' }), draft('5')];
    expect(due(both, new Set(), at(0))?.id).toBe('5');
    expect(due([both[0]!, { ...both[1]!, state: 'sent' }], new Set(), at(0))?.id).toBe('2');
  });
});

describe('what an answer means', () => {
  it.each([0, 200, 204, 302, 408, 425, 429, 500, 502, 503])('%i is no receipt and no refusal', (status) => {
    expect(outcomeOf(answer(status)).kind).toBe('later');
  });

  it.each([400, 404, 409, 413, 415, 422])('%i is a refusal with the sentence of the server', (status) => {
    const text = '<OpenRosaResponse><message nature="error">太大 &amp; 太多</message></OpenRosaResponse>';
    expect(outcomeOf(answer(status, text))).toMatchObject({ kind: 'refused', status, message: '太大 & 太多' });
  });

  it.each([401, 403])('%i asks whether this phone is still known', (status) => {
    expect(outcomeOf(answer(status)).kind).toBe('unknown-phone');
  });

  it('keeps the wait that the server asks for', () => {
    expect(settled(draft('1'), outcomeOf(answer(503, '', 120)), NOW)).toMatchObject({ next_try_at: at(120), attempts: 1 });
  });

  it('reads problem+json too', () => {
    const text = JSON.stringify({ code: 'device.revoked', title: '这部手机已被停用', status: 401 });
    expect([codeOf(text), sentenceOf(text)]).toEqual(['device.revoked', '这部手机已被停用']);
    expect([codeOf('<html>'), sentenceOf('<html>')]).toEqual(['', '']);
  });
});

describe('after an attempt', () => {
  it('a refusal of what the server has no part of leaves it editable, else it is held', () => {
    const refused = outcomeOf(answer(409));
    expect(settled(draft('1', { held: 'maybe' }), refused, NOW)).toMatchObject({ state: 'refused', held: 'no' });
    expect(settled(draft('1', { held: 'yes' }), refused, NOW)).toMatchObject({ state: 'refused', held: 'yes' });
  });

  it('an answer that never came leaves open whether the server has it', () => {
    expect(settled(draft('1', { held: 'maybe' }), outcomeOf(answer(0)), NOW)).toMatchObject({ state: 'waiting', held: 'maybe' });
  });

  it('waits longer each time, never longer than a quarter of an hour, and never all at once', () => {
    expect([0, 1, 2, 3].map((n) => delay(n, 1))).toEqual([5, 10, 20, 40]);
    expect([delay(30, 1), delay(30, 0)]).toEqual([900, 450]);
  });
});

describe('pieces', () => {
  const file = (name: string, bytes: number): DraftFile => ({ draft: 'd', name, type: 'image/jpeg', bytes, sent: false });
  const sizes = (files: DraftFile[]) => partsOf(files).map((part) => part.map((one) => one.name).join(''));

  it('hold at most two megabytes or one larger file, in order, and there is always one', () => {
    expect(sizes([])).toEqual(['']);
    expect(sizes([file('a', 9e5), file('b', 9e5), file('c', 9e5)])).toEqual(['ab', 'c']);
    expect(sizes([file('a', 5e6), file('b', 1), file('c', 5e6)])).toEqual(['a', 'b', 'c']);
  });

  it('hold at most twenty files', () => {
    expect(partsOf(Array.from({ length: 45 }, (_, n) => file(String(n), 1))).map((part) => part.length)).toEqual([20, 20, 5]);
  });
});
