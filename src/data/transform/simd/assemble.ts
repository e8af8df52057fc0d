// A WebAssembly module from instructions by name: as much of the binary format (WebAssembly Core Specification 2.0, section 5) as a few loops over bytes need, since JavaScript has no
// other way to a processor's vectors, and a compiled file could not be read.

/** A piece of a function's code. */
export type Code = readonly number[];

/** A function: how many i32 it takes, what variables it has beside them, and its code. It returns nothing. */
export interface WasmFunction {
  name: string;
  parameters: number;
  integers: number;
  vectors: number;
  code: Code;
}

const I32 = 0x7f;
const V128 = 0x7b;

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  return (rest === 0 && low < 64) || (rest === -1 && low >= 64) ? [low] : [low | 128, ...signed(rest)];
}

const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const text = (value: string): number[] => sized([...new TextEncoder().encode(value)]);
const section = (id: number, items: readonly (readonly number[])[]): number[] => [id, ...sized(list(items))];
const vector = (op: number): number[] => [0xfd, ...unsigned(op)];
/** How a place in memory follows its instruction: not aligned, `offset` behind the address. */
const place = (offset: number): number[] => [0, ...unsigned(offset)];

/** Instructions. What they take stands before them, as on a stack. */
export const op = {
  get: (variable: number): Code => [0x20, ...unsigned(variable)],
  set: (variable: number): Code => [0x21, ...unsigned(variable)],
  int: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a] as Code,
  sub: [0x6b] as Code,
  mul: [0x6c] as Code,
  /** Of unsigned numbers. */
  less: [0x49] as Code,
  load: (offset = 0): Code => [0x28, ...place(offset)],
  store: (offset = 0): Code => [0x36, ...place(offset)],
  /** i32x4, all the same. */
  splat: vector(0x11),
  /** Sixteen bytes. */
  load16: (offset = 0): Code => [...vector(0x00), ...place(offset)],
  store16: (offset = 0): Code => [...vector(0x0b), ...place(offset)],
  /** Four bytes, and zeros. */
  load4: (offset = 0): Code => [...vector(0x5c), ...place(offset)],
  /** An i32, four times. */
  loadSplat: (offset = 0): Code => [...vector(0x09), ...place(offset)],
  /** Bytes 0 … 7, or 8 … 15, as i16x8. */
  lowBytes: vector(0x89),
  highBytes: vector(0x8a),
  /** Of i16x8 the first or the last four as i32x4, without a sign. */
  lowShorts: vector(0xa9),
  highShorts: vector(0xaa),
  addVectors: vector(0xae),
  mulVectors: vector(0xb5),
  /** i32x4 by so many bits, the sign kept. */
  shiftRight: vector(0xac),
  /** Two i32x4 as i16x8, two i16x8 as bytes without a sign: what is beyond becomes the nearest. */
  toShorts: vector(0x85),
  toBytes: vector(0x66),
  first: [...vector(0x1b), 0] as Code,
} as const;

/** The code again and again, as long as `more` leaves something other than 0; once at least. */
export const repeat = (code: Code, more: Code): Code => [0x03, 0x40, ...code, ...more, 0x0d, 0, 0x0b];

/** The functions over one memory, `memory`, that grows. */
export function assemble(functions: readonly WasmFunction[]): WebAssembly.Module {
  const types = functions.map(({ parameters }) => [0x60, ...list(Array(parameters).fill([I32])), 0]);
  const code = functions.map(({ integers, vectors, code }) =>
    sized([
      ...list([
        [...unsigned(integers), I32],
        [...unsigned(vectors), V128],
      ]),
      ...code,
      0x0b,
    ]),
  );
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, types),
      ...section(
        3,
        functions.map((_, i) => unsigned(i)),
      ),
      ...section(5, [[0, 1]]),
      ...section(7, [[...text('memory'), 2, 0], ...functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)])]),
      ...section(10, code),
    ]),
  );
}
