// What a photo knows of its time and place: read from the camera's file, written into the shrunk one. Nothing else is
// taken over (no serial numbers, no thumbnail).

export type Facts = { taken: string; latitude: number | null; longitude: number | null }; // taken: "2026:11:22 08:30:00"

const TAKEN = 0x9003, MODIFIED = 0x0132, EXIF_AT = 0x8769, GPS_AT = 0x8825;

/** The facts of a JPEG, as far as it has any. */
export function readFacts(bytes: ArrayBuffer): Facts {
  const facts: Facts = { taken: '', latitude: null, longitude: null };
  try {
    const tiff = findTiff(new DataView(bytes));
    if (tiff) readTiff(tiff, facts);
  } catch {
    // A damaged header says nothing.
  }
  return facts;
}

function findTiff(view: DataView): DataView | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const size = view.getUint16(at + 2);
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) {
      return new DataView(view.buffer, view.byteOffset + at + 10, Math.min(size - 8, view.byteLength - at - 10));
    }
    at += 2 + size;
  }
  return null;
}

type Entry = { tag: number; count: number; at: number };

function readTiff(view: DataView, facts: Facts): void {
  const little = view.getUint16(0) === 0x4949;
  const entries = (at: number): Entry[] => {
    const found: Entry[] = [];
    const sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
    for (let index = 0; index < view.getUint16(at, little); index += 1) {
      const place = at + 2 + index * 12;
      const count = view.getUint32(place + 4, little);
      const long = (sizes[view.getUint16(place + 2, little)] ?? 1) * count > 4;
      found.push({ tag: view.getUint16(place, little), count, at: long ? view.getUint32(place + 8, little) : place + 8 });
    }
    return found;
  };
  const text = (entry: Entry) => Array.from({ length: entry.count }, (_, index) => String.fromCharCode(view.getUint8(entry.at + index))).join('').replace(/\0.*$/, '');
  const degrees = (entry: Entry) => [1, 60, 3600].reduce((sum, part, index) => {
    const below = view.getUint32(entry.at + index * 8 + 4, little);
    return sum + (below ? view.getUint32(entry.at + index * 8, little) / below / part : 0);
  }, 0);
  const first = entries(view.getUint32(4, little));
  const pointer = (tag: number) => first.find((entry) => entry.tag === tag);
  const exif = pointer(EXIF_AT);
  const taken = (exif && entries(view.getUint32(exif.at, little)).find((entry) => entry.tag === TAKEN)) ?? pointer(MODIFIED);
  if (taken) facts.taken = text(taken);
  const gps = pointer(GPS_AT);
  if (!gps) return;
  const named = new Map(entries(view.getUint32(gps.at, little)).map((entry) => [entry.tag, entry]));
  const [north, latitude, east, longitude] = [1, 2, 3, 4].map((tag) => named.get(tag));
  if (!latitude || !longitude) return;
  facts.latitude = degrees(latitude) * (north && text(north) === 'S' ? -1 : 1);
  facts.longitude = degrees(longitude) * (east && text(east) === 'W' ? -1 : 1);
}

/** The JPEG with these facts in its header. */
export function writeFacts(jpeg: ArrayBuffer, facts: Facts): ArrayBuffer {
  const header = makeHeader(facts);
  const out = new Uint8Array(jpeg.byteLength + header.length);
  out.set(new Uint8Array(jpeg, 0, 2));
  out.set(header, 2);
  out.set(new Uint8Array(jpeg, 2), 2 + header.length);
  return out.buffer;
}

/** One APP1 segment: big-endian, the time in IFD0 and Exif, the place in GPS. */
function makeHeader(facts: Facts): Uint8Array {
  const placed = facts.latitude !== null && facts.longitude !== null;
  const view = new DataView(new ArrayBuffer(512));
  let free = 8;
  const ifd = (rows: [tag: number, type: number, count: number, value: number | string | [number, number][]][]): number => {
    const start = free;
    free += 2 + rows.length * 12 + 4;
    view.setUint16(start, rows.length);
    rows.forEach(([tag, type, count, value], index) => {
      const at = start + 2 + index * 12;
      view.setUint16(at, tag);
      view.setUint16(at + 2, type);
      view.setUint32(at + 4, count);
      if (typeof value === 'number') view.setUint32(at + 8, value);
      else if (typeof value === 'string' && count <= 4) for (let each = 0; each < value.length; each += 1) view.setUint8(at + 8 + each, value.charCodeAt(each));
      else {
        view.setUint32(at + 8, free);
        if (typeof value === 'string') for (let each = 0; each < value.length; each += 1) view.setUint8(free + each, value.charCodeAt(each));
        else value.forEach(([above, below], each) => { view.setUint32(free + each * 8, above); view.setUint32(free + each * 8 + 4, below); });
        free += typeof value === 'string' ? count + (count % 2) : value.length * 8;
      }
    });
    return start;
  };
  const parts = (value: number): [number, number][] => {
    const hundredths = Math.round(Math.abs(value) * 360_000);
    return [[Math.floor(hundredths / 360_000), 1], [Math.floor(hundredths / 6000) % 60, 1], [hundredths % 6000, 100]];
  };
  view.setUint32(0, 0x4d4d002a);
  view.setUint32(4, 8);
  const rows: Parameters<typeof ifd>[0] = [[MODIFIED, 2, 20, facts.taken], [EXIF_AT, 4, 1, 0]];
  if (placed) rows.push([GPS_AT, 4, 1, 0]);
  ifd(rows);
  view.setUint32(8 + 2 + 12 + 8, ifd([[TAKEN, 2, 20, facts.taken]]));
  if (placed) {
    view.setUint32(8 + 2 + 24 + 8, ifd([[1, 2, 2, facts.latitude! < 0 ? 'S' : 'N'], [2, 5, 3, parts(facts.latitude!)], [3, 2, 2, facts.longitude! < 0 ? 'W' : 'E'], [4, 5, 3, parts(facts.longitude!)]]));
  }
  const out = new Uint8Array(10 + free);
  const head = new DataView(out.buffer);
  head.setUint16(0, 0xffe1);
  head.setUint16(2, 8 + free);
  head.setUint32(4, 0x45786966);
  out.set(new Uint8Array(view.buffer, 0, free), 10);
  return out;
}

const two = (value: number): string => String(value).padStart(2, '0');

export const exifTime = (at: Date): string =>
  `${at.getFullYear()}:${two(at.getMonth() + 1)}:${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
