// Measures the candidates of one case: every kernel that its op offers here, compared with the plain one first, then timed in turns.
import { type Ceilings, type Cost, type Gpu, type Limit, leastTime, median, type Program } from 'astrogpu/gpu';
import { disagreement } from '../common/disagreement.ts';
import type { Case, PreparedCase } from './case.ts';

/** Relative to the largest magnitude of the plain kernel's result: sums of 10⁵ products in another order stay well below. */
export const TOLERANCE = 1e-3;
/** The same for results stored as f16: two roundings of 2⁻¹¹. */
const HALF_TOLERANCE = 2e-3;
const PLAIN = 'plain';
const NAN_BITS = 0x7fc00000;
const MOST_RUNS = 500;

export interface CandidateRow {
  /** The candidate's name; for an op with one way only, the labels of its kernels. */
  kernel: string;
  /** Does the op choose it here, by its fixed table or as tuned? */
  chosen: boolean;
  /** Largest difference from the plain kernel's result, relative to its largest magnitude. */
  error: number;
  /** Milliseconds of one run, median; NaN where the result was wrong, which leaves nothing to time. */
  ms: number;
  gflops: number;
  gbs: number;
  /** Least time that the ceilings allow for the case, divided by the time taken; and which ceiling that is. */
  ceiling: number;
  limit: Limit;
  dispatches: number;
}

export interface CandidateTable {
  name: string;
  shape: string;
  network: string;
  cost: Cost;
  /** The plain kernel first, then from slow to fast; wrong ones last. */
  rows: CandidateRow[];
}

export interface MeasureOptions {
  ceilings: Ceilings;
  rounds: number;
  /** Milliseconds that a sample takes at least. */
  ms: number;
  /** A kernel that takes as many milliseconds for one run is sampled once only. */
  slow: number;
}

interface Timing {
  name: string;
  error: number;
  /** One run, recorded. */
  single: Program;
  samples: number[];
}

/** Checks and times every kernel of a case. */
export async function benchmarkCandidates(gpu: Gpu, given: Case, options: MeasureOptions): Promise<CandidateTable> {
  const prepared = given.prepare(gpu);
  const { force } = gpu.tuner;
  const timings: Timing[] = [];
  try {
    const { names, chosen } = candidates(gpu, prepared);
    let expected: Float32Array[] | undefined;
    for (const name of names) {
      gpu.tuner.force = name;
      const found = await results(gpu, prepared);
      expected ??= found;
      const error = Math.max(...expected.map((values, i) => disagreement(found[i], values)));
      timings.push({ name, error, single: record(gpu, prepared, 1), samples: [] });
    }
    await sample(gpu, prepared, timings, given.half ? HALF_TOLERANCE : TOLERANCE, options);
    const cost = given.cost ?? timings[0].single.cost;
    const rowOf = ({ name, error, single: { dispatches }, samples }: Timing): CandidateRow => {
      const ms = samples.length > 0 ? median(samples) : Number.NaN;
      const unit = dispatches.find(({ cost }) => cost?.unit)?.cost?.unit;
      const least = leastTime({ ...cost, unit }, dispatches.length, options.ceilings);
      return {
        kernel: name || [...new Set(dispatches.map(({ label }) => label))].join(', '),
        ...{ chosen: chosen.includes(name), error, ms, gflops: cost.flops / ms / 1e6, gbs: cost.bytes / ms / 1e6 },
        ...{ ceiling: least.ms / ms, limit: least.limit, dispatches: dispatches.length },
      };
    };
    const [plain, ...others] = timings.map(rowOf);
    others.sort((a, b) => (b.ms || 0) - (a.ms || 0));
    return { name: given.name, shape: given.shape, network: given.network, cost, rows: [plain, ...others] };
  } finally {
    gpu.tuner.force = force;
    for (const { single } of timings) single.dispose();
    prepared.release();
  }
}

/** The kernels that the op offers, the plain one first, and those that it chooses. An op without a choice has one, ''. */
function candidates(gpu: Gpu, prepared: PreparedCase): { names: string[]; chosen: string[] } {
  const names = new Set<string>();
  const chosen: string[] = [];
  gpu.tuner.observer = (job, name) => {
    for (const { name } of [...job.candidates].reverse()) names.add(name);
    chosen.push(name);
  };
  try {
    prepared.run()?.release();
  } finally {
    gpu.tuner.observer = undefined;
  }
  if (names.size === 0) return { names: [''], chosen: [''] };
  const others = [...names].filter((name) => name !== PLAIN);
  return { names: names.has(PLAIN) ? [PLAIN, ...others] : others, chosen };
}

/** What a run writes, onto NaN. */
async function results(gpu: Gpu, prepared: PreparedCase): Promise<Float32Array[]> {
  if (!prepared.inPlace) for (const { slice } of prepared.outputs()) gpu.fill(slice, NAN_BITS);
  const made = prepared.run();
  const values = [];
  for (const tensor of made ? [made, ...prepared.outputs()] : prepared.outputs()) values.push(await tensor.floats());
  made?.release();
  return values;
}

const record = (gpu: Gpu, prepared: PreparedCase, runs: number): Program =>
  gpu.capture('case', () => {
    for (let i = 0; i < runs; i++) prepared.run()?.release();
  });

/** Times the candidates whose results were right, in turns: runs are repeated within one submit until a sample takes long enough. */
async function sample(
  gpu: Gpu,
  prepared: PreparedCase,
  timings: Timing[],
  tolerance: number,
  { rounds, ms, slow }: MeasureOptions,
): Promise<void> {
  const time = async (program: Program): Promise<number> => {
    await gpu.idle();
    const start = performance.now();
    program.replay();
    await gpu.idle();
    return performance.now() - start;
  };
  const repeated: { timing: Timing; program: Program; runs: number }[] = [];
  for (const timing of timings) {
    if (!(timing.error <= tolerance)) continue;
    const once = await time(timing.single);
    if (once >= slow) {
      timing.samples.push(once);
      continue;
    }
    gpu.tuner.force = timing.name;
    const runs = Math.min(MOST_RUNS, Math.ceil(ms / once));
    repeated.push({ timing, runs, program: runs > 1 ? record(gpu, prepared, runs) : timing.single });
  }
  for (let round = 0; round < rounds; round++)
    for (const { timing, program, runs } of repeated) timing.samples.push((await time(program)) / runs);
  for (const { timing, program } of repeated) if (program !== timing.single) program.dispose();
}
