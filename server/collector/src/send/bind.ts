// Making this phone known to the server: with the browser's sign-in, or with the code of a link or QR.
import type { Device } from '../contract';
import { PhoneProblem } from '../screens/ports';
import { codeOf, sentenceOf } from './transport';

const OFFLINE = { zh: '现在没有网络,请联网后再试。', en: 'There is no network now. Try again when online.' };

/** The device with its key. Throws PhoneProblem: "sign-in" where nobody is signed in, "offline", or the server's code. */
export async function bindDevice(how: { name: string } | { code: string }): Promise<Device> {
  let response: Response;
  try {
    response = await fetch('/collect/api/devices', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(how),
    });
  } catch {
    throw new PhoneProblem('offline', OFFLINE);
  }
  if (response.ok) return (await response.json()) as Device;
  const text = await response.text();
  const sentence = sentenceOf(text);
  const code = response.status === 401 ? 'sign-in' : codeOf(text) || `http.${response.status}`;
  throw new PhoneProblem(code, { zh: sentence, en: sentence });
}
