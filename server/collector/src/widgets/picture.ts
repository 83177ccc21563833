// Shrinking a photo: the long side as the settings say, the right way up, its time and place kept in the file.
import { exifTime, readFacts, writeFacts } from './exif';

/** A JPEG of at most `pixels` on its long side. Throws where the browser cannot read the picture. */
export async function shrink(file: Blob, pixels: number, now = new Date()): Promise<Blob> {
  const facts = readFacts(await file.slice(0, 256 * 1024).arrayBuffer());
  if (!facts.taken) facts.taken = exifTime(now);
  const source = await decode(file);
  const scale = Math.min(1, pixels / Math.max(source.width, source.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(source.width * scale));
  canvas.height = Math.max(1, Math.round(source.height * scale));
  const drawing = canvas.getContext('2d')!;
  drawing.imageSmoothingQuality = 'high';
  drawing.drawImage(source.image, 0, 0, canvas.width, canvas.height);
  source.free();
  const jpeg = blobNow(canvas, 'image/jpeg', 0.82);
  return new Blob([writeFacts(await jpeg.arrayBuffer(), facts)], { type: 'image/jpeg' });
}

export type Source = { image: CanvasImageSource; width: number; height: number; free(): void };

/** The picture turned as its header says. */
export async function decode(file: Blob): Promise<Source> {
  if (typeof createImageBitmap === 'function') {
    try {
      const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
      return { image, width: image.width, height: image.height, free: () => image.close() };
    } catch {
      // Old browsers refuse the option: an img element turns the picture by itself.
    }
  }
  const address = URL.createObjectURL(file);
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
  } catch (error) {
    URL.revokeObjectURL(address);
    throw error;
  }
  return { image, width: image.naturalWidth, height: image.naturalHeight, free: () => URL.revokeObjectURL(address) };
}

export function asBlob(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be made'))), type, quality);
  });
}

/** The same at once: a browser puts `toBlob` off until it is idle, on a busy phone for seconds, and answers must be kept. */
export function blobNow(canvas: HTMLCanvasElement, type: string, quality?: number): Blob {
  const bytes = atob(canvas.toDataURL(type, quality).split(',')[1]!);
  return new Blob([Uint8Array.from(bytes, (letter) => letter.charCodeAt(0))], { type });
}
