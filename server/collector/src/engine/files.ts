// Photos, sound and signatures: the bytes are on disk before the answer names them, and no name is used twice.
import type { NewFile } from '../store';

const ENDINGS: Record<string, string> = {
  'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'image/gif': 'gif', 'image/heic': 'heic',
  'audio/mp4': 'm4a', 'audio/mpeg': 'mp3', 'audio/ogg': 'ogg', 'audio/wav': 'wav', 'audio/aac': 'aac',
  'audio/webm': 'webm', 'video/mp4': 'mp4', 'video/webm': 'webm', 'video/quicktime': 'mov', 'video/3gpp': '3gp',
  'text/csv': 'csv', 'text/plain': 'txt', 'application/pdf': 'pdf',
};

/** `f01_a01_ev-20261122T063000-1a2b3c4d.jpg`: the question, the moment, and something that nobody else has. */
export function fileName(item: string, file: Blob, at = new Date()): string {
  const moment = at.toISOString().replace(/[-:]|\.\d+Z/g, '');
  const random = crypto.getRandomValues(new Uint32Array(1))[0]!.toString(16).padStart(8, '0');
  return `${item}-${moment}-${random}.${endingOf(file)}`;
}

export async function newFile(name: string, file: Blob): Promise<NewFile> {
  return { name, type: file.type || 'application/octet-stream', bytes: await file.arrayBuffer() };
}

function endingOf(file: Blob): string {
  const type = file.type.split(';')[0]!.trim().toLowerCase();
  const own = file instanceof File ? /\.([A-Za-z0-9]{1,5})$/.exec(file.name)?.[1]?.toLowerCase() : '';
  return ENDINGS[type] ?? (own || 'bin');
}
