import { describe, expect, it } from 'vitest';
import type { ItemMeaning } from '../contract';
import { AuditLog } from './audit';
import { Autosave } from './autosave';
import { fileName } from './files';
import { lightOf, tally } from './findings';
import { withInstanceId, withoutMarks } from './instance';

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
const item = (more: Partial<ItemMeaning>): ItemMeaning => ({
  name: 'q', path: '/data/q', words: { zh: '问', en: 'Q' }, type: 'select_one', required: false, severity: 2, route: 0, days: 0,
  veto: 0, repeat: '', choices: [], companion_of: '', role: 'item', ...more,
});

describe('the XML', () => {
  it('loses the marks that only Enketo makes, and nothing else', () => {
    const xml = '<data><p type="file">a.jpg</p><q xmlns:x="y" type="file" z="1">b</q><t>a type="file" here</t></data>';
    expect(withoutMarks(xml)).toBe('<data><p>a.jpg</p><q xmlns:x="y" z="1">b</q><t>a type="file" here</t></data>');
  });

  it.each(['<instanceID/>', '<instanceID></instanceID>', '<orx:instanceID/>'])('takes its name where the model has %s', (empty) => {
    expect(withInstanceId(`<meta>${empty}</meta>`, 'uuid:1')).toMatch(/^<meta><(orx:)?instanceID>uuid:1<\/(orx:)?instanceID><\/meta>$/);
  });

  it('keeps a name that is there', () => {
    expect(withInstanceId('<instanceID>uuid:0</instanceID>', 'uuid:1')).toBe('<instanceID>uuid:0</instanceID>');
  });
});

const none = () => Promise.resolve();

describe('autosave', () => {
  it('saves once for many changes, and again for one that came while it saved', async () => {
    let saves = 0;
    const autosave = new Autosave(async () => { saves += 1; await pause(20); }, () => undefined, none, { wait: 10, patience: 150 });
    for (let n = 0; n < 50; n += 1) autosave.changed();
    await pause(15);
    autosave.changed();
    await autosave.flush();
    expect(saves).toBe(2);
    await autosave.flush();
    expect(saves).toBe(2);
  });

  it('counts from the first change: whoever goes on and on is saved meanwhile', async () => {
    let saves = 0;
    const autosave = new Autosave(async () => { saves += 1; }, () => undefined, none, { wait: 10, patience: 150 });
    for (let n = 0; n < 12; n += 1) { autosave.changed(); await pause(5); }
    expect(saves).toBeGreaterThan(1);
  });

  it('tells a failure and tries again with the next change', async () => {
    const failures: unknown[] = [];
    let full = true;
    let kept = 0;
    const autosave = new Autosave(async () => { if (full) throw new Error('full'); kept += 1; }, (error) => failures.push(error), none, { wait: 1, patience: 150 });
    autosave.changed();
    await pause(10);
    expect(failures).toHaveLength(1);
    full = false;
    autosave.changed();
    await autosave.flush();
    expect(kept).toBe(1);
  });

  it('takes a copy where a save is held up, and none where it is not', async () => {
    let [copies, hold] = [0, 0];
    const autosave = new Autosave(async () => { await pause(hold); }, () => undefined, async () => { copies += 1; }, { wait: 1, patience: 20 });
    autosave.changed();
    await autosave.flush();
    await pause(40);
    expect(copies).toBe(0);
    hold = 60;
    autosave.changed();
    await pause(40);
    expect(copies).toBe(1);
    autosave.changed();
    await autosave.flush();
    expect(copies).toBeGreaterThan(1);
    autosave.stop();
  });
});

describe('audit.csv', () => {
  it('tells how long each question took, across two sittings', () => {
    let now = 1000;
    const log = new AuditLog('', () => now);
    log.enter('question', '/data/a, "b"');
    now = 2500;
    log.leave();
    log.enter('group questions', '/data/g');
    const resumed = new AuditLog(log.csv(), () => 9000);
    resumed.moment('form finalize');
    expect(resumed.csv()).toBe(
      'event,node,start,end\n'
      + 'form start,,1000,\n'
      + 'question,"/data/a, ""b""",1000,2500\n'
      + 'group questions,/data/g,2500,2500\n'
      + 'form resume,,9000,\n'
      + 'form finalize,,9000,\n',
    );
  });
});

describe('lights', () => {
  const choices = (['green', 'yellow', 'red', 'grey', 'na'] as const).map((light) => ({ value: light === 'grey' ? 'k' : light[0]!, words: { zh: '', en: '' }, light }));

  it.each([['g', 'green'], ['y g', 'yellow'], ['r y', 'red'], ['k g', 'green'], ['k', ''], ['n', 'na'], ['x', ''], ['', '']])('%s is %s', (value, light) => {
    expect(lightOf(item({ choices }), value)).toBe(light);
  });

  it('counts cases of what tolerates none', () => {
    expect(['1', '0', '', '0.0001', '0.00001', '-1', 'x', '12'].map((value) => lightOf(item({ zero: true }), value)))
      .toEqual(['red', '', '', 'red', '', '', '', 'red']);
  });

  it('are counted with what is still open', () => {
    const answers = [{ item: 'q', value: 'g', repeat: 0 }, { item: 'p', value: 'r', repeat: 1 }, { item: 'p', value: 'y', repeat: 2 }];
    const items = [item({ choices }), item({ name: 'p', choices }), item({ name: 'note', choices: [] })];
    expect(tally(items, answers, 5)).toEqual({ green: 1, yellow: 1, red: 1, open: 2 });
  });
});

describe('file names', () => {
  it('tell the question and the moment, and are never twice the same', () => {
    const at = new Date('2026-11-22T06:30:00.123Z');
    const names = Array.from({ length: 50 }, () => fileName('f01_a01_ev', new Blob([], { type: 'image/jpeg' }), at));
    expect(new Set(names).size).toBe(50);
    expect(names[0]).toMatch(/^f01_a01_ev-20261122T063000-[0-9a-f]{8}\.jpg$/);
    expect(fileName('q', new Blob([], { type: 'audio/webm;codecs=opus' }), at)).toMatch(/\.webm$/);
  });
});
