// For tests alone.

/** A browser's Cache Storage in memory. `full` refuses every write. */
export class Shelves {
  readonly kept = new Map<string, Map<string, Response>>();
  full = false;
  puts = 0;

  open(name: string): Promise<Cache> {
    const shelf = this.kept.get(name) ?? new Map<string, Response>();
    this.kept.set(name, shelf);
    const cache: Partial<Cache> = {
      put: async (at, response) => {
        if (this.full) throw new DOMException('no room', 'QuotaExceededError');
        this.puts += 1;
        shelf.set(String(at), response);
      },
      match: async (at) => shelf.get(String(at))?.clone(),
      delete: async (at) => shelf.delete(String(at)),
      keys: async () => [...shelf.keys()].map((url) => ({ url: `https://a${url}` }) as Request),
    };
    return Promise.resolve(cache as Cache);
  }

  async delete(name: string): Promise<boolean> {
    return this.kept.delete(name);
  }
}
