// The WGSL of a pointwise kernel. Four elements at a time throughout: an operand that repeats nowhere is read as vectors, one whose repetitions begin and end with
// vectors by a vector or an element, any other element by element. Sizes are uniforms, so that shapes of one kind share a kernel.
import { f32, params } from '../kernel/kernel.ts';
import { declarationsFor } from './library.ts';
import {
  isWhole,
  type Pointwise,
  type PointwiseOperand,
  type PointwiseValue,
  type Stored,
  sameMemory,
} from './pointwise.ts';

/** A source with what it binds, in order. */
export interface PointwiseSource {
  code: string;
  slices: Pointwise['results'][number]['slice'][];
  params: ArrayBuffer;
}

/**
 * How an operand is read. whole: the vector at the result's index; one: its only element; vector and element: what lies at the position, where the last side
 * is a multiple of four; gather: any four elements.
 */
export type Reading = 'whole' | 'one' | 'vector' | 'element' | 'gather';

export const VECTOR: Record<Stored, string> = { f32: 'vec4f', f16: 'vec4h', u32: 'vec4u', u8: 'u32', word: 'vec4u' };
export const ELEMENT: Record<Stored, string> = { f32: 'f32', f16: 'f16', u32: 'u32', u8: 'u32', word: 'u32' };

export function readingOf(call: Pointwise, operand: PointwiseOperand): Reading {
  if (isWhole(call, operand)) return 'whole';
  if (!operand.own.includes(true)) return 'one';
  if (call.sides[call.sides.length - 1] % 4 !== 0) return 'gather';
  return operand.own[operand.own.length - 1] ? 'vector' : 'element';
}

/** Elements between neighbors along each side that the operand has. */
function stridesOf({ sides }: Pointwise, { own }: PointwiseOperand): number[] {
  let stride = 1;
  return sides.reduceRight<number[]>((strides, n, i) => {
    strides.unshift(own[i] ? stride : 0);
    if (own[i]) stride *= n;
    return strides;
  }, []);
}

/** Words of the uniform's list `name`, each with its place in the source. */
export class Words {
  readonly list: (number | { f32: number })[] = [];
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  add(word: number | { f32: number }): string {
    const at = this.list.push(word) - 1;
    return `${this.name}[${at >> 2}].${'xyzw'[at & 3]}`;
  }
}

/** The function `name` from an index to the operand's element: `unit` elements an index, the last side counted in them too. */
export function placeFunction(
  name: string,
  call: Pointwise,
  operand: PointwiseOperand,
  unit: number,
  words: Words,
): string {
  const strides = stridesOf(call, operand);
  const last = call.sides.length - 1;
  const lines: string[] = [];
  const terms: string[] = [];
  let rest = 'i';
  for (let side = last; side >= 0; side--) {
    const n = side === last ? call.sides[side] / unit : call.sides[side];
    let at = rest;
    if (side > 0) {
      const size = words.add(n);
      lines.push(`let q${side} = ${rest} / ${size};`);
      at = `(${rest} - q${side} * ${size})`;
      rest = `q${side}`;
    }
    if (operand.own[side]) {
      const stride = strides[side] * (side === last ? unit : 1);
      terms.push(stride === 1 ? at : `${at} * ${words.add(stride)}`);
    }
  }
  return `fn ${name}(i: u32) -> u32 { ${lines.join(' ')} return ${terms.join(' + ')}; }`;
}

/** Where a thread is in a result of two sides, kept by additions: it divides once. Counted in vectors where the last side is a multiple of four, else in elements. */
interface Walk {
  before: string[];
  /** Where the last side is no multiple of four: the places and rows of a vector's elements. */
  within: string[];
  after: string[];
}

function walkOf({ sides: [, last] }: Pointwise, group: number, words: Words): Walk {
  const unit = last % 4 === 0 ? 4 : 1;
  const length = last / unit;
  const step = (4 * group) / unit;
  const n = words.add(length);
  return {
    before: [`var row = s.first * ${4 / unit}u / ${n};`, `var at = s.first * ${4 / unit}u - row * ${n};`],
    within:
      unit === 4
        ? []
        : [
            'let along = vec4u(at) + vec4u(0, 1, 2, 3);',
            `let beyond = along >= vec4u(${n});`,
            `let places = along - select(vec4u(0), vec4u(${n}), beyond);`,
            'let rows = vec4u(row) + select(vec4u(0), vec4u(1), beyond);',
          ],
    after: [
      `at += ${words.add(step % length)};`,
      `row += ${words.add(Math.floor(step / length))};`,
      `let over = at >= ${n};`,
      `at -= select(0u, ${n}, over);`,
      'row += select(0u, 1u, over);',
    ],
  };
}

/**
 * The same value, of which a compiler knows nothing: its bits pass through a uniform that is 0 when the kernel runs. Compilers simplify across what used to be kernels:
 * x − x to 0 also where x is NaN, (a + b) − b to a; and LLVM 15, which holds f16 in f32 registers, leaves out the rounding of what is not stored.
 */
export function opaqueFunctions({ steps }: Pointwise, zero: string): string[] {
  const whole = `fn opaque(v: F) -> F { return bitcast<F>(bitcast<B>(v) ^ B(${zero})); }`;
  const half = `fn opaque_half(v: F) -> F { return F(bitcast<H>(bitcast<vec2u>(H(v)) ^ vec2u(${zero}))); }`;
  return steps.some(({ code }) => code.includes('opaque_half')) ? [whole, half] : [whole];
}

const byteAt = (list: string, at: string): string => `((${list}[(${at}) >> 2u] >> (8u * ((${at}) & 3u))) & 255u)`;

/** Where an operand's elements are: one place, of the vector or the element that serves all four, or four. */
export type Places = string | readonly string[];

/** In a result of two sides: see Walk. `along`: has the operand the last side? */
function placesInWalk(reading: Reading, along: boolean): Places {
  if (reading === 'vector') return 'at';
  if (reading === 'element') return 'row';
  return [0, 1, 2, 3].map((k) => `${along ? 'places' : 'rows'}[${k}]`);
}

/** By the operand's own function of the index. */
export function placesBy(place: string, reading: Reading): Places {
  if (reading === 'vector') return `${place}(i) / 4u`;
  if (reading === 'element') return `${place}(i)`;
  return [0, 1, 2, 3].map((k) => `${place}(4u * i + ${k}u)`);
}

/** The expression of an operand's four elements as f32. */
export function load(list: string, reading: Reading, places: Places, stored: Stored): string {
  const [one, four] = stored === 'word' ? ['bitcast<f32>', 'bitcast<F>'] : ['f32', 'F'];
  const element = (at: string): string => `${one}(${stored === 'u8' ? byteAt(list, at) : `${list}[${at}]`})`;
  const vector = (at: string): string =>
    `${four}(${stored === 'u8' ? `unpack4xU8(${list}[${at}])` : `${list}[${at}]`})`;
  if (typeof places !== 'string') return `F(${places.map(element).join(', ')})`;
  return reading === 'whole' || reading === 'vector' ? vector(places) : `F(${element(places)})`;
}

/** The lines that evaluate the steps as t0, t1, ... of the operands a0, a1, ...; `before` gets the scalars that they share. */
export function stepLines({ steps }: Pointwise, words: Words, before: string[]): string[] {
  const nameOf = (value: PointwiseValue): string => {
    if ('operand' in value) return `a${value.operand}`;
    if ('step' in value) return `t${value.step}`;
    const name = `s${before.length}`;
    before.push(`let ${name} = F(bitcast<f32>(${words.add('word' in value ? value.word : f32(value.scalar))}));`);
    return name;
  };
  return steps.map(({ code, values }, k) => {
    const names = new Map<string, string>();
    for (const [name, value] of Object.entries(values)) {
      const own = nameOf(value);
      // Two names for one value: x − x of a value that is NaN must not be simplified to 0.
      names.set(name, [...names.values()].includes(own) ? `opaque(${own})` : own);
    }
    return `let t${k} = ${code.replace(/(?<![.\w])[A-Za-z_]\w*/g, (word) => names.get(word) ?? word)};`;
  });
}

/** Makes the source of a kernel whose sides are merged, see merged(), for workgroups of `group` threads. */
export function pointwiseSource(call: Pointwise, group: number): PointwiseSource {
  const words = new Words('words');
  const zero = words.add(0);
  const count = words.add(Math.ceil(call.sides.reduce((product, n) => product * n, 1) / 4));
  const slices = call.results.map(({ slice }) => slice);
  const bindings = call.results.map(
    ({ stored }, i) => `@group(0) @binding(${i}) var<storage, read_write> y${i}: array<${VECTOR[stored]}>;`,
  );
  const functions = opaqueFunctions(call, zero);
  const before: string[] = [];
  const body: string[] = [];
  const readings = call.operands.map((operand) => readingOf(call, operand));
  const placed = readings.some((reading) => reading !== 'whole' && reading !== 'one');
  const walk = placed && call.sides.length === 2 ? walkOf(call, group, words) : undefined;
  call.operands.forEach((operand, i) => {
    const reading = readings[i];
    const inPlace = reading === 'whole' ? call.results.findIndex((result) => sameMemory(result, operand)) : -1;
    let list = `y${inPlace}`;
    if (inPlace < 0) {
      list = `x${i}`;
      const type = reading === 'whole' || reading === 'vector' ? VECTOR : ELEMENT;
      bindings.push(`@group(0) @binding(${slices.length}) var<storage, read> ${list}: array<${type[operand.stored]}>;`);
      slices.push(operand.slice);
    }
    const placesOf = (): Places => {
      if (reading === 'whole') return 'i';
      if (reading === 'one') return '0u';
      if (walk) return placesInWalk(reading, operand.own[1]);
      functions.push(placeFunction(`place${i}`, call, operand, reading === 'gather' ? 1 : 4, words));
      return placesBy(`place${i}`, reading);
    };
    // What all elements share is read once.
    (reading === 'one' ? before : body).push(`let a${i} = ${load(list, reading, placesOf(), operand.stored)};`);
  });
  body.push(...stepLines(call, words, before));
  call.results.forEach(({ stored, step }, i) => {
    body.push(`y${i}[i] = ${stored === 'word' ? 'bitcast<vec4u>' : VECTOR[stored]}(t${step});`);
  });
  const code = `// include tensor/chunk
${declarationsFor(call.steps.map(({ code }) => code))}
${bindings.join('\n')}
@group(0) @binding(${slices.length}) var<uniform> words: array<vec4u, ${Math.ceil(words.list.length / 4)}>;
${functions.join('\n')}
@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(${count}, wid, groups, lane);
  ${[...before, ...(walk?.before ?? [])].join('\n  ')}
  for (var i = s.first; i < s.end; i += GROUP) {
    ${[...(walk?.within ?? []), ...body, ...(walk?.after ?? [])].join('\n    ')}
  }
}
`;
  return { code, slices, params: params(...words.list) };
}
