// Makes one kernel of pointwise kernels that follow each other in a captured program: a value that the next one needs stays in registers, and one that nobody reads
// before its memory is freed is not written at all.
import type { Operand } from '../kernel/kernel.ts';
import type { Slice } from '../kernel/memory.ts';
import { AS_STORED, absorbed } from './absorb.ts';
import {
  isWhole,
  type Pointwise,
  type PointwiseResult,
  type PointwiseStep,
  type PointwiseValue,
  sameMemory,
} from './pointwise.ts';
import { alongSides, refined, sameSides } from './sides.ts';

/**
 * Another kernel: what it binds, whether its first binding can be computed where it is read, and whether it only fills memory that was just handed out, so that what
 * was never written shows.
 */
export interface Bound {
  slices: readonly Slice[];
  operand?: Operand;
  fills?: boolean;
}

/** What a capture records: a kernel, what another kernel binds, or that memory was freed, whose contents nobody reads after that. */
export type Recorded<Other extends Bound> = { pointwise: Pointwise } | { freed: GPUBuffer } | Other;

/** Limits of a fused kernel: what a device binds to one, and steps beyond which registers run out. */
export interface FuseLimits {
  buffers: number;
}
const MOST_STEPS = 128;

/** What a program runs: an elementwise kernel, another one, or one that computes what it reads. */
export type Fused<Other extends Bound> = { pointwise: Pointwise } | Other | { reader: Other; chain: Pointwise };

/** The recorded kernels in order, neighbors made one where that reads or writes less. */
export function fuse<Other extends Bound>(list: readonly Recorded<Other>[], limits: FuseLimits): Fused<Other>[] {
  const recorded = withLateFills(list);
  const fused: Fused<Other>[] = [];
  let group: Pointwise | undefined;
  const close = (end: number): void => {
    if (group) fused.push({ pointwise: withoutDead(group, recorded, end) });
    group = undefined;
  };
  recorded.forEach((item, i) => {
    if ('freed' in item) return;
    if (!('pointwise' in item)) {
      // A fill parts nothing that does not touch what it fills.
      if (group && item.fills && !binds({ pointwise: group }, item.slices[0].buffer)) {
        fused.push(item);
        return;
      }
      const parts =
        group &&
        absorbed(group, item, limits.buffers, (buffer) =>
          isDead(buffer, recorded, buffer === item.slices[0].buffer ? i + 1 : i),
        );
      if (parts) {
        if (parts.left) fused.push({ pointwise: parts.left });
        fused.push({ reader: item, chain: parts.chain });
        group = undefined;
        return;
      }
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
    if (!('freed' in item || 'pointwise' in item || (item.fills && !binds(item, buffer)))) break;
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
  for (const { values: given, ...step } of b.steps)
    steps.push({
      ...step,
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
  return { sides, operands, steps, results, detail: a.detail ?? b.detail };
}

/** Adds the step of reading a result back. */
function readBack({ stored, step }: PointwiseResult, steps: PointwiseStep[]): PointwiseValue {
  return { step: steps.push({ code: AS_STORED[stored], values: { value: { step } } }) - 1 };
}
