// Whether the values that a kernel reads can be computed where it reads them, from a group of elementwise kernels right before it, and what is left of the group then.
import type { Operand } from '../kernel/kernel.ts';
import type { Slice } from '../kernel/memory.ts';
import {
  elementsOf,
  merged,
  operandElements,
  type Pointwise,
  type PointwiseOperand,
  type PointwiseResult,
  type PointwiseStep,
  type PointwiseValue,
  STORED_BYTES,
  sameMemory,
} from './pointwise.ts';
import { readingOf } from './source.ts';

/** A call of more than a conversion or a choice. */
const CALL = /\b(?!F\b|select\b|opaque)[a-z]\w*\(/i;

/** A kernel whose first binding can be computed. */
interface Reader {
  slices: readonly Slice[];
  operand?: Operand;
}

/** A group parted into the chain whose result the reader computes by itself, and what writes the results that others read. */
export interface Absorbed {
  chain: Pointwise;
  left?: Pointwise;
}

/** What reading a result back gives: its step, rounded as it is stored, and without what a compiler knows of how it was made (source.ts). */
export const AS_STORED = {
  f32: 'opaque(value)',
  f16: 'opaque_half(value)',
  u32: 'F(vec4u(value))',
  word: 'opaque(value)',
};

/** The group parted, where the reader reads a result that `isDead` behind it; undefined where it cannot be, or would not pay. */
export function absorbed(
  group: Pointwise,
  { slices, operand }: Reader,
  buffers: number,
  isDead: (buffer: GPUBuffer) => boolean,
): Absorbed | undefined {
  if (!operand) return undefined;
  const [read, ...others] = slices;
  const made = group.results.find((result) => sameMemory(result, { slice: read, stored: operand.stored }));
  if (!made || !isDead(made.slice.buffer)) return undefined;
  const written = group.results.filter((result) => result !== made && !isDead(result.slice.buffer));
  const left = partOf(group, written, []);
  const part = partOf(group, [made], written);
  // What both would compute is better read.
  if (left.taken.some((step) => part.taken.includes(step))) return undefined;
  const chain = merged(rounded(part.call));
  const bindsOf = (list: readonly Slice[], { slice }: PointwiseOperand): boolean =>
    list.some(({ buffer }) => buffer === slice.buffer);
  const beside = others.filter((slice) => !(slice.buffer === read.buffer && slice.offset === read.offset));
  const overwritten = written.map(({ slice }) => slice);
  // The reader may write what it binds, and a result that lies where an operand lay has overwritten that by then.
  const apart = chain.operands.every(
    (from) => !bindsOf(beside, from) && !(group.operands.includes(from) && bindsOf(overwritten, from)),
  );
  const bound = others.length + chain.operands.length;
  if (!apart || chain.operands.length === 0 || bound > buffers || !pays(chain, operand)) return undefined;
  return { chain, ...(written.length > 0 && { left: left.call }) };
}

/**
 * An element of a row that begins within a vector costs divisions to find, on a software adapter more than is saved. What is read more than once is computed as often:
 * that pays for arithmetic on one operand of the size.
 */
function pays(chain: Pointwise, { stored, reads }: Operand): boolean {
  if (chain.operands.some((operand) => readingOf(chain, operand) === 'gather')) return false;
  if (reads === 1) return true;
  const own = elementsOf(chain) * STORED_BYTES[stored];
  const from = chain.operands.reduce((sum, one) => sum + operandElements(chain, one) * STORED_BYTES[one.stored], 0);
  return from <= 1.25 * own && chain.steps.every(({ code }) => !CALL.test(code));
}

/** A kernel with one result that gives its values as they would be read. */
function rounded(call: Pointwise): Pointwise {
  const [made] = call.results;
  const value = { step: made.step };
  const steps = [...call.steps, { code: AS_STORED[made.stored], values: { value } }];
  return { ...call, steps, results: [{ ...made, step: steps.length - 1 }] };
}

/** What of a group makes some of its results, where `given` ones are in memory; and which steps it takes for that. */
function partOf(
  group: Pointwise,
  results: readonly PointwiseResult[],
  given: readonly PointwiseResult[],
): { call: Pointwise; taken: number[] } {
  const operands: PointwiseOperand[] = [];
  const steps: PointwiseStep[] = [];
  const places = new Map<object, PointwiseValue>();
  const taken: number[] = [];
  const once = (of: object, make: () => PointwiseValue): PointwiseValue => {
    const known = places.get(of) ?? make();
    places.set(of, known);
    return known;
  };
  const operand = (one: PointwiseOperand): PointwiseValue => once(one, () => ({ operand: operands.push(one) - 1 }));
  const traced = (value: PointwiseValue): PointwiseValue => {
    if ('operand' in value) return operand(group.operands[value.operand]);
    if (!('step' in value)) return value;
    const step = group.steps[value.step];
    return once(step, () => {
      const held = given.find((result) => result.step === value.step);
      if (held) return operand({ ...held, own: group.sides.map(() => true) });
      taken.push(value.step);
      const values = Object.fromEntries(Object.entries(step.values).map(([name, each]) => [name, traced(each)]));
      return { step: steps.push({ ...step, values }) - 1 };
    });
  };
  const made = results.map((result) => {
    const value = traced({ step: result.step });
    // A result that is another one's values again.
    const step = 'step' in value ? value.step : steps.push({ code: 'value', values: { value } }) - 1;
    return { ...result, step };
  });
  return { call: { ...group, operands, steps, results: made }, taken };
}
