// How much room the phone has left, and whether the browser has promised to keep what is here.

type Room = {
  usage: number; // bytes
  quota: number; // bytes; 0 unknown
  persisted: boolean | null; // null: this browser does not say
};

/** Asks the browser not to clear this site by itself; without harm where it refuses. */
export async function askToKeep(): Promise<boolean> {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}

export async function room(): Promise<Room> {
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  const usage = estimate?.usage ?? 0;
  const quota = estimate?.quota ?? 0;
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? null;
  return { usage, quota, persisted };
}
