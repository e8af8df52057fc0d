// Makes one kernel of pointwise kernels that follow each other in a captured program: a value that the next one needs stays in registers, and one that nobody reads
// before its memory is freed is not written at all.
import type { Slice } from '../kernel/memory.ts';
import {
  isWhole,
  type Pointwise,
  type PointwiseOperand,
  type PointwiseResult,
  type PointwiseStep,
  type PointwiseValue,
  sameMemory,
} from './pointwise.ts';

/** Another kernel: what it binds, and whether it only fills memory that was just handed out, so that what was never written shows. */
export interface Bound {
  slices: readonly Slice[];
  fills?: boolean;
}

/** What a capture records: a kernel, what another kernel binds, or that memory was freed, whose contents nobody reads after that. */
export type Recorded<Other extends Bound> = { pointwise: Pointwise } | { freed: GPUBuffer } | Other;

/** Limits of a fused kernel: what a device binds to one, and steps beyond which registers run out. */
export interface FuseLimits {
  buffers: number;
}
const MOST_STEPS = 128;

/** The recorded kernels in order, neighbors made one where that reads or writes less. */
export function fuse<Other extends Bound>(
  list: readonly Recorded<Other>[],
  limits: FuseLimits,
): ({ pointwise: Pointwise } | Other)[] {
  const recorded = withLateFills(list);
  const fused: ({ pointwise: Pointwise } | Other)[] = [];
  let group: Pointwise | undefined;
  const close = (end: number): void => {
    if (group) fused.push({ pointwise: withoutDead(group, recorded, end) });
    group = undefined;
  };
  recorded.forEach((item, i) => {
    if ('freed' in item) return;
    if (!('pointwise' in item)) {
      close(i);
      fused.push(item);
      return;
    }
    const both = group && joined(group, item.pointwise, limits, meet(group, item.pointwise, recorded, i + 1));
    if (!both) close(i);
    group = both ?? item.pointwise;
  });
  close(recorded.length);
  return fused;
}

/** Leaves out results that are freed before anyone reads them; `end` is where the recording goes on behind the kernel. */
function withoutDead<Other extends Bound>(
  call: Pointwise,
  recorded: readonly Recorded<Other>[],
  end: number,
): Pointwise {
  const results = call.results.filter(({ slice: { buffer } }) => !isDead(buffer, recorded, end));
  // A kernel for nobody still ends in what it is for: it may be there to be timed.
  return { ...call, results: results.length > 0 ? results : call.results.slice(-1) };
}

function isDead<Other extends Bound>(buffer: GPUBuffer, recorded: readonly Recorded<Other>[], end: number): boolean {
  // The last thing that happened to it within the kernel's own stretch decides: freed after it was written, it is dead already.
  for (let i = end - 1; i >= 0; i--) {
    const item = recorded[i];
    if ('freed' in item && item.freed === buffer) return true;
    if ('pointwise' in item && item.pointwise.results.some(({ slice }) => slice.buffer === buffer)) break;
    if (!('freed' in item) && !('pointwise' in item)) break;
  }
  for (let i = end; i < recorded.length; i++) {
    const item = recorded[i];
    if ('freed' in item) {
      if (item.freed === buffer) return true;
      continue;
    }
    if (binds(item, buffer)) return false;
  }
  return false;
}

const binds = (item: { pointwise: Pointwise } | Bound, buffer: GPUBuffer): boolean =>
  ('pointwise' in item
    ? [...item.pointwise.operands, ...item.pointwise.results].map(({ slice }) => slice)
    : item.slices
  ).some((slice) => slice.buffer === buffer);

/** Puts fills of fresh memory right before its first use, and leaves them out where that is a pointwise kernel that writes it whole: they must not part neighbors. */
function withLateFills<Other extends Bound>(recorded: readonly Recorded<Other>[]): Recorded<Other>[] {
  const late: Recorded<Other>[] = [];
  let waiting: Other[] = [];
  for (const item of recorded) {
    if ('slices' in item && item.fills) {
      waiting.push(item);
      continue;
    }
    if (!('freed' in item))
      waiting = waiting.filter((fill) => {
        const [{ buffer }] = fill.slices;
        if (!binds(item, buffer)) return true;
        const reads = !('pointwise' in item) || item.pointwise.operands.some(({ slice }) => slice.buffer === buffer);
        if (reads) late.push(fill);
        return false;
      });
    late.push(item);
  }
  return late;
}

/** Does a pointwise kernel read what both wrote, from `begin` on, before another kind of kernel comes? */
function meet<Other extends Bound>(
  first: Pointwise,
  second: Pointwise,
  recorded: readonly Recorded<Other>[],
  begin: number,
): boolean {
  for (let i = begin; i < recorded.length; i++) {
    const item = recorded[i];
    if ('freed' in item) continue;
    if (!('pointwise' in item)) return false;
    const { operands } = item.pointwise;
    const reads = ({ results }: Pointwise): boolean =>
      results.some((result) => operands.some((operand) => sameMemory(operand, result)));
    if (reads(first) && reads(second)) return true;
  }
  return false;
}

/** Both kernels as one, the first one's steps before the second one's; undefined where they cannot be one, or share nothing, unless that is to be no matter. */
function joined(
  first: Pointwise,
  second: Pointwise,
  { buffers }: FuseLimits,
  unrelated: boolean,
): Pointwise | undefined {
  const sides = refined(first.sides, second.sides);
  if (!sides) return undefined;
  const [a, b] = [alongSides(first, sides), alongSides(second, sides)];
  const operands = [...a.operands];
  const steps: PointwiseStep[] = [...a.steps];
  let results = [...a.results];
  let shared = false;
  const values: PointwiseValue[] = [];
  for (const operand of b.operands) {
    const made = results.find(({ slice }) => slice.buffer === operand.slice.buffer);
    if (made) {
      if (!sameMemory(made, operand) || !isWhole(b, operand)) return undefined;
      values.push(readBack(made, steps));
      shared = true;
      continue;
    }
    const known = operands.findIndex((other) => sameMemory(other, operand) && sameSides(other, operand));
    if (known >= 0) shared = true;
    values.push({ operand: known >= 0 ? known : operands.push(operand) - 1 });
  }
  if (!shared && !unrelated) return undefined;
  const base = steps.length;
  for (const { code, values: given } of b.steps)
    steps.push({
      code,
      values: Object.fromEntries(
        Object.entries(given).map(([name, value]) => [
          name,
          'operand' in value ? values[value.operand] : 'step' in value ? { step: base + value.step } : value,
        ]),
      ),
    });
  for (const result of b.results) {
    const before = results.find(({ slice }) => slice.buffer === result.slice.buffer);
    if (before && !sameMemory(before, result)) return undefined;
    results = [...results.filter((other) => other !== before), { ...result, step: base + result.step }];
  }
  // Only what is read and written at the same index may share a buffer.
  const apart = operands.every(
    (operand) =>
      !results.some(
        (result) =>
          result.slice.buffer === operand.slice.buffer && !(sameMemory(result, operand) && isWhole({ sides }, operand)),
      ),
  );
  const inPlace = operands.filter((operand) => results.some((result) => sameMemory(result, operand))).length;
  const bound = operands.length - inPlace + results.length;
  if (!apart || bound > buffers || steps.length > MOST_STEPS) return undefined;
  return { labels: [...a.labels, ...b.labels], sides, operands, steps, results, detail: a.detail ?? b.detail };
}

/** What reading a result back gives: its step, rounded as it is stored, and without what a compiler knows of how it was made (source.ts). */
const AS_STORED = { f32: 'opaque(value)', f16: 'opaque_half(value)', u32: 'F(vec4u(value))', word: 'opaque(value)' };

/** Adds the step of reading a result back. */
function readBack({ stored, step }: PointwiseResult, steps: PointwiseStep[]): PointwiseValue {
  return { step: steps.push({ code: AS_STORED[stored], values: { value: { step } } }) - 1 };
}

const sameSides = (a: PointwiseOperand, b: PointwiseOperand): boolean => a.own.every((own, i) => own === b.own[i]);

/** Sides from which both lists come by merging neighbors; undefined where there are none. */
function refined(a: readonly number[], b: readonly number[]): number[] | undefined {
  const sides: number[] = [];
  const [p, q] = [a.filter((n) => n > 1), b.filter((n) => n > 1)];
  while (p.length > 0 && q.length > 0) {
    const [x, y] = [p.pop()!, q.pop()!];
    const [large, small] = x > y ? [x, y] : [y, x];
    if (large % small !== 0) return undefined;
    sides.unshift(small);
    if (x > y) p.push(large / small);
    else if (y > x) q.push(large / small);
    // A rest of 1 is no side.
    for (const list of [p, q]) if (list.at(-1) === 1) list.pop();
  }
  return p.length === 0 && q.length === 0 ? sides : undefined;
}

/** The same kernel on finer sides. */
function alongSides(call: Pointwise, sides: readonly number[]): Pointwise {
  const operands = call.operands.map((operand) => {
    const own: boolean[] = [];
    let side = call.sides.length;
    let rest = 1;
    for (let i = sides.length - 1; i >= 0; i--) {
      while (rest === 1 && side > 0) rest = call.sides[--side];
      own.unshift(operand.own[side] ?? true);
      rest /= sides[i];
    }
    return { ...operand, own };
  });
  return { ...call, sides, operands };
}
