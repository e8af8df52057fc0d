// Climbs the ladder of one case: every kernel that its op offers here, compared with the plain one first, then timed in turns.
import { type Ceilings, type Cost, type Gpu, type Limit, leastTime, type Program } from 'astrogpu/gpu';
import { disagreement, median } from '../common/disagreement.ts';
import type { Case, Opened } from './case.ts';

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
  rungs: CandidateRow[];
}

export interface MeasureOptions {
  ceilings: Ceilings;
  rounds: number;
  /** Milliseconds that a sample takes at least. */
  ms: number;
  /** A kernel that takes as many milliseconds for one run is sampled once only. */
  slow: number;
}

interface Arm {
  name: string;
  error: number;
  /** One run, recorded. */
  single: Program;
  samples: number[];
}

/** Checks and times every kernel of a case. */
export async function benchmarkCandidates(gpu: Gpu, job: Case, options: MeasureOptions): Promise<CandidateTable> {
  const opened = job.open(gpu);
  const { force } = gpu.tuner;
  const arms: Arm[] = [];
  try {
    const { names, chosen } = candidates(gpu, opened);
    let expected: Float32Array[] | undefined;
    for (const name of names) {
      gpu.tuner.force = name;
      const found = await results(gpu, opened);
      expected ??= found;
      const error = Math.max(...expected.map((values, i) => disagreement(found[i], values)));
      arms.push({ name, error, single: record(gpu, opened, 1), samples: [] });
    }
    await sample(gpu, opened, arms, job.half ? HALF_TOLERANCE : TOLERANCE, options);
    const cost = job.cost ?? arms[0].single.cost;
    const rung = ({ name, error, single: { dispatches }, samples }: Arm): CandidateRow => {
      const ms = samples.length > 0 ? median(samples) : Number.NaN;
      const unit = dispatches.find(({ cost }) => cost.unit)?.cost.unit;
      const least = leastTime({ ...cost, unit }, dispatches.length, options.ceilings);
      return {
        kernel: name || [...new Set(dispatches.map(({ label }) => label))].join(', '),
        ...{ chosen: chosen.includes(name), error, ms, gflops: cost.flops / ms / 1e6, gbs: cost.bytes / ms / 1e6 },
        ...{ ceiling: least.ms / ms, limit: least.limit, dispatches: dispatches.length },
      };
    };
    const [plain, ...others] = arms.map(rung);
    others.sort((a, b) => (b.ms || 0) - (a.ms || 0));
    return { name: job.name, shape: job.shape, network: job.network, cost, rungs: [plain, ...others] };
  } finally {
    gpu.tuner.force = force;
    for (const { single } of arms) single.dispose();
    opened.release();
  }
}

/** The kernels that the op offers for its job, the plain one first, and those that it chooses. An op without a choice has one, ''. */
function candidates(gpu: Gpu, opened: Opened): { names: string[]; chosen: string[] } {
  const names = new Set<string>();
  const chosen: string[] = [];
  gpu.tuner.observer = (job, name) => {
    for (const { name } of [...job.candidates].reverse()) names.add(name);
    chosen.push(name);
  };
  try {
    opened.run()?.release();
  } finally {
    gpu.tuner.observer = undefined;
  }
  if (names.size === 0) return { names: [''], chosen: [''] };
  const others = [...names].filter((name) => name !== PLAIN);
  return { names: names.has(PLAIN) ? [PLAIN, ...others] : others, chosen };
}

/** What a run writes, onto NaN. */
async function results(gpu: Gpu, opened: Opened): Promise<Float32Array[]> {
  if (!opened.inPlace) for (const { slice } of opened.outputs()) gpu.fill(slice, NAN_BITS);
  const made = opened.run();
  const values = [];
  for (const tensor of made ? [made, ...opened.outputs()] : opened.outputs()) values.push(await tensor.floats());
  made?.release();
  return values;
}

const record = (gpu: Gpu, opened: Opened, runs: number): Program =>
  gpu.capture('case', () => {
    for (let i = 0; i < runs; i++) opened.run()?.release();
  });

/** Times the arms whose results were right, in turns: runs are repeated within one submit until a sample takes long enough. */
async function sample(
  gpu: Gpu,
  opened: Opened,
  arms: Arm[],
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
  const repeated: { arm: Arm; program: Program; runs: number }[] = [];
  for (const arm of arms) {
    if (!(arm.error <= tolerance)) continue;
    const once = await time(arm.single);
    if (once >= slow) {
      arm.samples.push(once);
      continue;
    }
    gpu.tuner.force = arm.name;
    const runs = Math.min(MOST_RUNS, Math.ceil(ms / once));
    repeated.push({ arm, runs, program: runs > 1 ? record(gpu, opened, runs) : arm.single });
  }
  for (let round = 0; round < rounds; round++)
    for (const { arm, program, runs } of repeated) arm.samples.push((await time(program)) / runs);
  for (const { arm, program } of repeated) if (program !== arm.single) program.dispose();
}
