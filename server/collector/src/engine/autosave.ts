// Saves soon after each change, one save at a time, and again where something changed meanwhile. A disk may hold a save
// up for longer than a change may wait: then a copy is taken beside it.

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private copying: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private dirty = false;

  constructor(
    private readonly save: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly copy: () => Promise<void> = () => Promise.resolve(),
    private readonly times = { wait: 40, patience: 150 }, // milliseconds
  ) {}

  /** Something changed: a save begins within `wait` milliseconds of the first change, however many follow. */
  changed(): void {
    this.dirty = true;
    this.timer ??= setTimeout(() => void this.flush().catch(this.failed), this.times.wait);
  }

  /** Resolves when everything changed so far is on disk; rejects where it could not be written. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.dirty || this.running) {
      if (this.running) {
        this.copySoon();
        await this.running.catch(() => undefined);
        continue;
      }
      this.dirty = false;
      this.copySoon();
      this.running = this.save().catch((error: unknown) => {
        this.dirty = true;
        throw error;
      });
      try {
        await this.running;
      } finally {
        this.running = null;
        if (!this.dirty) this.noCopy();
      }
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.noCopy();
    this.dirty = false;
  }

  private copySoon(): void {
    this.copying ??= setTimeout(() => {
      this.copying = undefined;
      this.copy().catch(() => undefined); // the save that waits tells what is wrong
    }, this.times.patience);
  }

  private noCopy(): void {
    clearTimeout(this.copying);
    this.copying = undefined;
  }
}
