// What accidents and other tools make of a file: bytes that are flipped, cut, doubled or swapped, and JSON whose values are of another type. Every choice
// comes from one seeded stream, so that a case is repeated by its number.

/** Numbers from 0 to below 1, by a seed (mulberry32). */
export function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Random = () => number;
export const below = (random: Random, most: number): number => Math.floor(random() * most);
export const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)];

/** How files of other formats begin. */
const BEGINNINGS = [
  'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n',
  '<!DOCTYPE html><html><body>404</body></html>',
  'PK\x03\x04\x14\0\0\0\x08\0archive/data.pkl',
  '\x80\x02}q\0(X\x06\0\0\0',
  '\x1f\x8b\x08\0\0\0\0\0\0\x03',
  '\x89HDF\r\n\x1a\n',
  '\xff\xfe{\0}\0',
  '\ufeff',
].map((text) => Buffer.from(text, 'latin1'));

/** One accident to a file's bytes. `others` are files of the same kind. */
export function damaged(random: Random, bytes: Buffer, others: readonly Buffer[]): Buffer {
  const at = below(random, bytes.length + 1);
  const length = 1 + below(random, pick(random, [4, 64, Math.max(1, bytes.length)]));
  const part = bytes.subarray(at, at + length);
  switch (below(random, 11)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < bytes.length) flipped[at] ^= 1 << below(random, 8);
      return flipped;
    }
    case 1: {
      const set = Buffer.from(bytes);
      if (at < bytes.length) set[at] = pick(random, [0, 1, 0x20, 0x22, 0x2d, 0x39, 0x7b, 0x7f, 0x80, 0xff]);
      return set;
    }
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(Array.from(part, () => below(random, 256))),
        bytes.subarray(at + length),
      ]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), pick(random, others).subarray(at)]);
    case 7:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length), bytes.subarray(at + length)]);
    case 8:
      return Buffer.concat([pick(random, BEGINNINGS), bytes.subarray(below(random, 2) * at)]);
    case 9: {
      // A number in the text becomes another.
      const text = bytes.toString('latin1');
      const numbers = [...text.matchAll(/-?\d[\d.e+-]*/g)];
      if (numbers.length === 0) return Buffer.alloc(0);
      const { 0: number, index } = pick(random, numbers);
      const other = pick(random, ['-1', '0', '1e308', '1e999', '4294967296', '9007199254740993', '0.5', 'NaN', '00']);
      return Buffer.from(text.slice(0, index) + other + text.slice(index + number.length), 'latin1');
    }
    default:
      return pick(random, [
        Buffer.alloc(0),
        Buffer.from('null'),
        Buffer.from('[]'),
        Buffer.from('{}'),
        Buffer.from('\n\n'),
        bytes,
      ]);
  }
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  '',
  'text',
  '4',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'a\nb\u0007\u2028',
  'x'.repeat(5000),
  [],
  {},
  [[]],
  [null],
  { length: 3 },
  Array.from({ length: 2000 }, (_, i) => i),
];

type Place = { of: Record<string | number, unknown>; key: string | number };

/** Every place in a JSON value. */
function placesIn(value: unknown, places: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return places;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    places.push({ of: value as Place['of'], key });
    placesIn((value as Place['of'])[key], places);
  }
  return places;
}

/** A JSON value in which one to three places are changed: another value, none, another name, or what stands elsewhere. */
export function changed(random: Random, value: unknown): unknown {
  const root = { value: structuredClone(value) };
  for (let changes = 1 + below(random, 3); changes > 0; changes--) {
    const places = placesIn(root);
    const { of, key } = pick(random, places);
    const other = pick(random, places);
    switch (below(random, 6)) {
      case 0:
        if (Array.isArray(of)) of.splice(Number(key), 1);
        else if (key !== 'value' || of !== root) delete of[key];
        break;
      case 1:
        if (Array.isArray(of)) of.push(structuredClone(of[Number(key)]));
        else
          Object.defineProperty(of, pick(random, ['__proto__', 'toString', `${key}2`]), {
            value: of[key],
            enumerable: true,
            configurable: true,
            writable: true,
          });
        break;
      case 2:
        of[key] = structuredClone(other.of[other.key]);
        break;
      default:
        of[key] = structuredClone(pick(random, VALUES));
    }
  }
  return root.value;
}
