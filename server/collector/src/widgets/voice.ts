// A voice memo, and dictation into a text where the browser offers it.
import { h } from '../screens/dom';
import { say } from '../screens/overlay';
import { language, t, type Key } from '../words';
import { beside, fileAnswer, group, namedButton, place, setControl, wordButton, type WidgetContext } from './kit';

const LONGEST = 5 * 60_000;

export function voice(question: HTMLElement, item: string, context: WidgetContext): void {
  const answer = fileAnswer(question, item, context);
  const shown = h('div', { class: 'voice-shown', role: 'status' });
  const buttons = h('div', { class: 'buttons' });
  place(question, group(question, 'voice', shown, buttons));
  let recorder: MediaRecorder | null = null;

  const start = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      recorder = new MediaRecorder(stream);
    } catch {
      say(t('voice.no_microphone'));
      return;
    }
    const running = recorder;
    const pieces: Blob[] = [];
    const timer = window.setTimeout(() => running.state === 'recording' && running.stop(), LONGEST);
    running.ondataavailable = (event) => pieces.push(event.data);
    running.onstop = () => {
      window.clearTimeout(timer);
      running.stream.getTracks().forEach((track) => track.stop());
      recorder = null;
      void keep(new Blob(pieces, { type: running.mimeType.split(';')[0] }));
    };
    running.start();
    await draw();
  };
  const keep = async (blob: Blob) => {
    await answer.keep(blob);
    await draw();
  };
  const remove = async () => {
    await answer.clear();
    await draw();
  };
  const draw = async () => {
    if (recorder) {
      shown.replaceChildren(h('p', { class: 'recording' }, t('voice.recording')));
      buttons.replaceChildren(wordButton('voice.stop', () => recorder?.stop(), { kind: 'btn-main' }));
      return;
    }
    const blob = answer.name() ? await answer.read() : null;
    shown.replaceChildren(blob ? h('audio', { controls: true, src: URL.createObjectURL(blob) }) : '');
    buttons.replaceChildren(wordButton(blob ? 'voice.again' : 'voice.start', () => void start(), { icon: 'mic', kind: blob ? '' : 'btn-take' }));
    if (blob) buttons.append(wordButton('voice.remove', () => void remove(), { icon: 'trash' }));
  };
  void draw();
}

type Recognition = EventTarget & { lang: string; interimResults: boolean; continuous: boolean; start(): void; stop(): void };
type Failed = Event & { error?: string };
type Heard = Event & { resultIndex: number; results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }> };

const recognitionOf = (): (new () => Recognition) | undefined => {
  const browser = window as unknown as Record<string, (new () => Recognition) | undefined>;
  return browser['SpeechRecognition'] ?? browser['webkitSpeechRecognition'];
};

/** What a failure means to the person; stopping is none. */
const FAILED: Record<string, Key | ''> = {
  aborted: '', network: 'voice.no_network',
  'not-allowed': 'voice.no_microphone', 'service-not-allowed': 'voice.no_microphone', 'audio-capture': 'voice.no_microphone',
};

const joined = (before: string, after: string): string => (/\w$/.test(before) && /^\w/.test(after) ? `${before} ${after}` : before + after);

/** A microphone beside a text: what is said is added to what stands there. */
export function dictation(control: HTMLInputElement | HTMLTextAreaElement): void {
  const Recognition = recognitionOf();
  if (!Recognition || control.readOnly) return;
  let running: Recognition | null = null;
  const toggle = () => {
    if (running) { running.stop(); return; }
    running = new Recognition();
    running.lang = language() === 'en' ? 'en-US' : 'zh-CN';
    running.continuous = true;
    running.addEventListener('result', (event) => {
      if (!control.isConnected) return running?.stop();
      const { resultIndex, results } = event as Heard;
      for (let at = resultIndex; at < results.length; at += 1) {
        if (results[at]!.isFinal) setControl(control, joined(control.value, results[at]![0]!.transcript));
      }
    });
    running.addEventListener('error', (event) => {
      const words = FAILED[(event as Failed).error ?? ''] ?? 'voice.not_heard';
      if (words) say(t(words));
    });
    running.addEventListener('end', () => { running = null; microphone.setAttribute('aria-pressed', 'false'); });
    running.start();
    microphone.setAttribute('aria-pressed', 'true');
  };
  const microphone = namedButton('mic', 'voice.dictate', toggle, { 'aria-pressed': 'false' });
  beside(control, null, microphone);
}
