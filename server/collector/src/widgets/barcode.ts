// Reading the code of an asset with the camera: the browser's own reader, else one that is loaded only when asked for.
import { h } from '../screens/dom';
import { say, sheet } from '../screens/overlay';
import { t } from '../words';
import { group, place, setControl, wordButton } from './kit';

type Detector = { detect(source: CanvasImageSource): Promise<{ rawValue: string }[]> };
declare const BarcodeDetector: { new (): Detector } | undefined;

export function barcode(question: HTMLElement, control: HTMLInputElement): void {
  place(question, group(question, 'barcode', h('div', { class: 'buttons' },
    wordButton('barcode.scan', () => void scan().then((value) => { if (value) setControl(control, value); }), { icon: 'code', kind: 'btn-take' }))));
}

async function scan(): Promise<string> {
  const video = h('video', { class: 'camera', playsinline: true, muted: true });
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch {
    say(t('barcode.no_camera'));
    return '';
  }
  let value = '';
  let open = true;
  const opened = sheet(t('barcode.scan'), [video, h('p', {}, t('barcode.words'))], { full: true });
  void opened.closed.then(() => { open = false; stream.getTracks().forEach((track) => track.stop()); });
  video.srcObject = stream;
  await video.play();
  try {
    const read = await reader();
    while (open && !value) {
      value = await read(video).catch(() => '');
      if (!value) await new Promise((resume) => window.setTimeout(resume, 120));
    }
  } catch {
    say(t('barcode.no_reader'));
  }
  opened.close();
  return value;
}

/** Gives the text of the code in a picture of the camera, or ''. */
async function reader(): Promise<(video: HTMLVideoElement) => Promise<string>> {
  if (typeof BarcodeDetector !== 'undefined') {
    const detector = new BarcodeDetector();
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? '';
  }
  const { BinaryBitmap, HTMLCanvasElementLuminanceSource, HybridBinarizer, MultiFormatReader } = await import('@zxing/library');
  const multi = new MultiFormatReader();
  const canvas = document.createElement('canvas');
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d', { willReadFrequently: true })!.drawImage(video, 0, 0);
    return multi.decode(new BinaryBitmap(new HybridBinarizer(new HTMLCanvasElementLuminanceSource(canvas)))).getText();
  };
}
