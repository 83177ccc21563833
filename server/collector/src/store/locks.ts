// One at a time across tabs where the browser has Web Locks, within this page where it has not.

const turns = new Map<string, Promise<unknown>>();

/** Runs `work` if nobody else holds `name` now; else gives null at once. */
export async function aloneOrNot<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  if (globalThis.navigator?.locks) {
    return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : null)) as Promise<T | null>;
  }
  return turns.has(name) ? null : hold(name, work());
}

/** Runs `work` when nobody else holds `name` any more. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (globalThis.navigator?.locks) return navigator.locks.request(name, work) as Promise<T>;
  while (turns.has(name)) await turns.get(name);
  return hold(name, work());
}

async function hold<T>(name: string, turn: Promise<T>): Promise<T> {
  turns.set(name, turn.catch(() => undefined));
  try {
    return await turn;
  } finally {
    turns.delete(name);
  }
}
