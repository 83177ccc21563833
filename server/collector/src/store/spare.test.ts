import { beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from './crypt';
import { Shelves } from './shelves';
import { Spare } from './spare';

describe('the spare copy', () => {
  let shelves: Shelves;
  let spare: Spare;
  const again = () => new Spare('a', shelves as unknown as CacheStorage);
  const put = (on: Spare, name: string, words: string, at = on.now()) => on.put(name, [utf8(words)], at);
  const words = async (on: Spare, name: string) =>
    (await on.copies(name)).map(({ bytes }) => new TextDecoder().decode(bytes));
  beforeEach(() => {
    shelves = new Shelves();
    spare = again();
  });

  it('keeps the last value and the one before it, and goes on where another left off', async () => {
    await put(spare, 'drafts/一', 'a');
    await put(spare, 'drafts/一', 'b');
    expect(await words(spare, 'drafts/一')).toEqual(['b', 'a']);
    await put(again(), 'drafts/一', 'c');
    expect(await words(again(), 'drafts/一')).toEqual(['c', 'b']);
    expect(await again().names()).toEqual(['drafts/一']);
  });

  it('never puts an earlier value over a later one', async () => {
    const [early, late] = [spare.now(), spare.now()];
    await Promise.all([put(spare, 'x', 'late', late), put(spare, 'x', 'early', early)]);
    expect(await words(spare, 'x')).toEqual(['late']);
    const [one, two, three] = [spare.now(), spare.now(), spare.now()];
    await Promise.all([put(spare, 'x', '1', one), put(spare, 'x', '2', two), put(spare, 'x', '3', three)]);
    expect((await words(spare, 'x'))[0]).toBe('3');
    expect(shelves.puts).toBe(2);
  });

  it('goes forward where the clock was set back', async () => {
    await put(spare, 'x', 'tomorrow', Date.now() + 86_400_000);
    await put(again(), 'x', 'today');
    expect(await words(again(), 'x')).toEqual(['today', 'tomorrow']);
  });

  it('does not bring back what was dropped while it was on its way', async () => {
    await Promise.all([put(spare, 'x', 'a'), spare.drop('x')]);
    expect(await spare.copies('x')).toEqual([]);
    await put(spare, 'x', 'b');
    expect(await words(spare, 'x')).toEqual(['b']);
  });

  it('says when it is not whole, until it is', async () => {
    shelves.full = true;
    await put(spare, 'x', 'a');
    expect(spare.torn).toBe(true);
    shelves.full = false;
    await put(spare, 'x', 'b');
    expect(spare.torn).toBe(false);
    await spare.destroy();
    expect(shelves.kept.size).toBe(0);
  });

  it('asks nothing of a browser without Cache Storage', async () => {
    const none = new Spare('a');
    await put(none, 'x', 'a');
    expect([await none.names(), await none.copies('x'), none.torn]).toEqual([[], [], false]);
  });
});
