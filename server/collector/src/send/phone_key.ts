// Whether the server still knows this phone.
import type { Device } from '../contract';
import { codeOf } from './transport';

const REVOKED = 'device.revoked';

export function authorized(device: Device, more: Record<string, string> = {}): RequestInit {
  const language = device.language === 'en' ? 'en' : 'zh-CN';
  const headers = { Authorization: `Bearer ${device.key}`, 'Accept-Language': language, ...more };
  return { headers, cache: 'no-store', credentials: 'same-origin' };
}

/** `revoked` or `signed-out` where the server says so; null where the phone's key is good, or nobody answers. */
export async function refusalOfPhone(device: Device): Promise<'revoked' | 'signed-out' | null> {
  try {
    const response = await fetch('/collect/api/package', authorized(device, { 'If-None-Match': '*' }));
    return refusalOf(response.status, response.status === 401 || response.status === 403 ? await response.text() : '');
  } catch {
    return null;
  }
}

export function refusalOf(status: number, text: string): 'revoked' | 'signed-out' | null {
  if (status !== 401 && status !== 403) return null;
  return codeOf(text) === REVOKED ? 'revoked' : 'signed-out';
}

/** Tells the office how much is unsent on this phone; without a network it is told the next time. */
export async function report(device: Device, waiting: number, drafts: number): Promise<void> {
  const how = authorized(device, { 'Content-Type': 'application/json' });
  await fetch('/collect/api/device', { ...how, method: 'POST', body: JSON.stringify({ waiting, drafts }) }).catch(() => null);
}

/** Gives the key back: nobody can send with it any more. */
export async function giveBack(device: Device): Promise<void> {
  await fetch('/collect/api/device/sign-out', { ...authorized(device), method: 'POST' }).catch(() => null);
}
