// Making this phone known to the server: with the browser's sign-in, or with the code of a link or QR.
import type { Device, SignedIn } from '../contract';
import { PhoneProblem } from '../screens/ports';
import { codeOf, sentenceOf } from './transport';

const OFFLINE = { zh: '现在没有网络，请联网后再试。', en: 'There is no network now. Try again when online.' };

/** The device with its key. Throws PhoneProblem: "sign-in" where nobody is signed in, "offline", or the server's code. */
export async function bindDevice(how: { name: string } | { code: string; name: string }): Promise<Device> {
  const proof: Record<string, string> = 'code' in how ? { Authorization: `Bearer ${codeIn(how.code)}` } : { 'X-Form-Token': await formToken() };
  const response = await ask('/collect/api/devices', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...proof },
    body: JSON.stringify({ name: how.name }),
  });
  return (await response.json()) as Device;
}

/** The code of a link such as https://host/collect/#code=CODE, or the bare code. */
export function codeIn(text: string): string {
  return decodeURIComponent(/[#&?]code=([^&\s]+)/.exec(text)?.[1] ?? text.trim());
}

async function formToken(): Promise<string> {
  const response = await ask('/collect/api/session', {});
  return ((await response.json()) as SignedIn).form_token;
}

async function ask(address: string, how: RequestInit): Promise<Response> {
  const response = await fetch(address, { credentials: 'same-origin', cache: 'no-store', ...how }).catch(() => {
    throw new PhoneProblem('offline', OFFLINE);
  });
  if (response.ok) return response;
  const text = await response.text();
  const sentence = sentenceOf(text);
  const signIn = response.status === 401 && address.endsWith('/session');
  throw new PhoneProblem(signIn ? 'sign-in' : codeOf(text) || `http.${response.status}`, { zh: sentence, en: sentence });
}
