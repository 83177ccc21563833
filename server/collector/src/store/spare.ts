// A second copy of what the store keeps, in Cache Storage. Chromium drops all of a site's IndexedDB where the log of it
// is damaged, and a browser killed in the middle of a write damages it: the next life still reads it and goes on behind
// the torn record, the one after that reads nothing (google/leveldb issue 1287). Cache Storage is a folder of files.

export type Copy = { at: number; bytes: ArrayBuffer };
type Slots = [number, number];

const MADE = 'x-made';

/**
 * Named bytes, each in two slots: a new value goes to the slot of the older one, so that a browser killed meanwhile
 * leaves the other. `at` orders the values of a name; a later one is never replaced by an earlier one.
 */
export class Spare {
  private readonly slots = new Map<string, Slots>();
  private readonly turns = new Map<string, Promise<void>>();
  private readonly newest = new Map<string, number>();
  private readonly failed = new Set<string>();
  private last = 0;
  private ended = false;

  constructor(
    private readonly name: string,
    private readonly given?: CacheStorage,
  ) {}

  private get shelves(): CacheStorage | undefined {
    return this.given ?? globalThis.caches;
  }

  /** True where the browser has refused something, mostly for want of room: this copy is not whole then. */
  get torn(): boolean {
    return this.failed.size > 0;
  }

  /** The moment of a value that is taken now; later than every one before it, whatever the clock says. */
  now(): number {
    this.last = Math.max(Date.now(), this.last + 1);
    return this.last;
  }

  /** A moment that was given elsewhere: the next ones are later. */
  saw(at: number): void {
    this.last = Math.max(this.last, at);
  }

  /** The moment of what is kept under a name, 0 for nothing. */
  async stamp(name: string): Promise<number> {
    const shelf = await this.shelf();
    const newest = shelf ? Math.max(...(await this.slotsOf(shelf, name))) : 0;
    this.saw(newest);
    return newest;
  }

  /** Resolves when it stands there, or when a later value does, or when the browser refused it. */
  put(name: string, parts: BlobPart[], at: number): Promise<void> {
    this.newest.set(name, Math.max(at, this.newest.get(name) ?? 0));
    return this.turn(name, async (shelf) => {
      if (at < this.newest.get(name)!) return;
      const slots = await this.slotsOf(shelf, name);
      const moment = Math.max(at, Math.max(...slots) + 1);
      const slot = slots[0] <= slots[1] ? 0 : 1;
      await shelf.put(address(name, slot), new Response(new Blob(parts), { headers: { [MADE]: String(moment) } }));
      slots[slot] = moment;
    });
  }

  drop(name: string): Promise<void> {
    this.newest.set(name, this.now());
    return this.turn(name, async (shelf) => {
      await Promise.all([shelf.delete(address(name, 0)), shelf.delete(address(name, 1))]);
      this.slots.delete(name);
    });
  }

  /** What is kept under a name, the newest first; the second is for the case that the first is damaged. */
  async copies(name: string): Promise<Copy[]> {
    const shelf = await this.shelf();
    const found = await Promise.all([0, 1].map((slot) => shelf?.match(address(name, slot))));
    const copies = await Promise.all(found.map(async (response) => (response ? copyOf(response) : null)));
    return copies.filter((copy) => copy !== null).sort((a, b) => b.at - a.at);
  }

  async names(): Promise<string[]> {
    const found = (await (await this.shelf())?.keys()) ?? [];
    return [...new Set(found.map((request) => nameOf(request.url)))];
  }

  /** Nothing is written from here any more. */
  end(): void {
    this.ended = true;
  }

  async destroy(): Promise<void> {
    this.end();
    await Promise.all(this.turns.values());
    await this.shelves?.delete(this.name).catch(() => false);
  }

  private async slotsOf(shelf: Cache, name: string): Promise<Slots> {
    const known = this.slots.get(name);
    if (known) return known;
    const found = await Promise.all([0, 1].map((slot) => shelf.match(address(name, slot))));
    const slots = found.map((response) => Number(response?.headers.get(MADE) ?? 0)) as Slots;
    this.slots.set(name, slots);
    return slots;
  }

  /** One at a time for each name. What the browser refuses is remembered, not thrown: the first copy is what counts. */
  private turn(name: string, work: (shelf: Cache) => Promise<void>): Promise<void> {
    const before = this.turns.get(name) ?? Promise.resolve();
    const turn = before.then(async () => {
      const shelf = await this.shelf();
      if (!shelf || this.ended) return;
      try {
        await work(shelf);
        this.failed.delete(name);
      } catch {
        this.failed.add(name);
      }
    });
    this.turns.set(name, turn);
    void turn.then(() => this.turns.get(name) === turn && this.turns.delete(name));
    return turn;
  }

  private async shelf(): Promise<Cache | null> {
    return (await this.shelves?.open(this.name).catch(() => null)) ?? null;
  }
}

async function copyOf(response: Response): Promise<Copy | null> {
  const at = Number(response.headers.get(MADE) ?? 0);
  const bytes = await response.arrayBuffer().catch(() => null); // torn while it was written
  return bytes && { at, bytes };
}

/** Cache Storage keeps answers to addresses; nothing is ever fetched from these. */
function address(name: string, slot: number): string {
  return `/spare/${slot}/${encodeURIComponent(name)}`;
}

function nameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').at(-1)!);
}
