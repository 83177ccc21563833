// One POST to the OpenRosa door. With XMLHttpRequest in a page, which tells how much has gone up; with fetch in a worker.

export type Answer = { status: number; text: string; retryAfter: number }; // status 0: no answer came
export type Post = (url: string, form: FormData, headers: Record<string, string>, progress: (sent: number) => void) => Promise<Answer>;

const STALLED_MS = 60_000; // nothing went up or came down for so long: the connection is dead
const NO_ANSWER: Answer = { status: 0, text: '', retryAfter: 0 };

export const postFromPage: Post = (url, form, headers, progress) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let alarm = setTimeout(() => request.abort(), STALLED_MS);
    const alive = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => request.abort(), STALLED_MS);
    };
    const done = (answer: Answer) => {
      clearTimeout(alarm);
      resolve(answer);
    };
    request.upload.onprogress = (event) => {
      alive();
      progress(event.loaded);
    };
    request.onload = () => done(answerOf(request.status, request.responseText, request.getResponseHeader('Retry-After')));
    request.onerror = request.onabort = request.ontimeout = () => done(NO_ANSWER);
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(form);
  });

export const postFromWorker: Post = async (url, form, headers) => {
  try {
    const response = await fetch(url, { method: 'POST', body: form, headers, cache: 'no-store', credentials: 'omit' });
    return answerOf(response.status, await response.text(), response.headers.get('Retry-After'));
  } catch {
    return NO_ANSWER;
  }
};

function answerOf(status: number, text: string, retryAfter: string | null): Answer {
  return { status, text, retryAfter: Number(retryAfter) || 0 };
}

/** The sentence of an OpenRosa or problem+json answer; "" where there is none. */
export function sentenceOf(text: string): string {
  const xml = /<message[^>]*>([\s\S]*?)<\/message>/.exec(text)?.[1];
  if (xml !== undefined) return xml.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&').trim();
  try {
    const problem = JSON.parse(text) as Record<string, unknown>;
    return String(problem['detail'] ?? problem['message'] ?? problem['title'] ?? '');
  } catch {
    return '';
  }
}

/** The stable code of a problem+json answer, "" for anything else. */
export function codeOf(text: string): string {
  try {
    return String((JSON.parse(text) as Record<string, unknown>)['code'] ?? '');
  } catch {
    return '';
  }
}
