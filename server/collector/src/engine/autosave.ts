// Saves soon after each change, one save at a time, and again where something changed meanwhile.

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private dirty = false;

  constructor(
    private readonly save: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly wait = 40,
  ) {}

  /** Something changed: a save begins within `wait` milliseconds of the first change, however many follow. */
  changed(): void {
    this.dirty = true;
    this.timer ??= setTimeout(() => void this.flush().catch(this.failed), this.wait);
  }

  /** Resolves when everything changed so far is on disk; rejects where it could not be written. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.dirty || this.running) {
      if (this.running) {
        await this.running.catch(() => undefined);
        continue;
      }
      this.dirty = false;
      this.running = this.save().catch((error: unknown) => {
        this.dirty = true;
        throw error;
      });
      try {
        await this.running;
      } finally {
        this.running = null;
      }
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dirty = false;
  }
}
