// Chooses among the kernels that can do a job. An op names its candidates for a shape; the tuner times them once per adapter and keeps
// the choice in a file. Without an entry the op's own fixed order decides, so that nothing has to be measured to start.
import type { Gpu } from './gpu.ts';
import { fromHalf, toHalf } from './half.ts';
import type { Allocation, Slice } from './memory.ts';
import { throttled } from './throttle.ts';

export interface Candidate {
  name: string;
  /** Records the job into `bindings`: the inputs in the op's order, then the output. */
  run: (slices: Slice[]) => void;
}

/** A job to be tuned: what is asked for, how large its operands are, and who could do it, best guess first, the plain kernel last. */
export interface Job {
  /** Op and shape, e.g. `conv2d/forward 32x16x16x64 3x3 64 s1 p1`. */
  key: string;
  /** Bytes of each input, then of the output. Inputs are filled with random values. */
  sizes: number[];
  /** How the elements of each are stored. Default f32 everywhere. */
  types?: readonly ('f16' | 'f32')[];
  candidates: Candidate[];
}

export interface TunerOptions {
  /** JSON file that keeps choices between runs. Node only. */
  file?: string;
  /** Forces this candidate wherever a job offers it: for tests and comparisons. */
  force?: string;
}

export interface Choice {
  name: string;
  /** Milliseconds by candidate, as measured; absent for a candidate that was wrong. */
  ms: Record<string, number>;
}

type Table = Record<string, Record<string, Choice>>;

/** Relative to the largest magnitude of the plain kernel's result. f32: sums of up to 10⁵ products in another order stay well below; f16: two roundings of 2⁻¹¹ each. */
const TOLERANCE = { f32: 1e-3, f16: 2e-3 };
const REPEATS = 5;

export class Tuner {
  private readonly gpu: Gpu;
  private readonly file?: string;
  /** Forces a candidate by name; settable between calls. */
  force?: string;
  /** Sees each job and the candidate that it gets, but not the jobs that candidates have in turn. */
  observer?: (job: Job, name: string) => void;
  private depth = 0;
  private table: Table = {};
  private readonly wanted = new Map<string, Job>();

  constructor(gpu: Gpu, { file, force }: TunerOptions = {}) {
    this.gpu = gpu;
    this.file = file;
    this.force = force;
  }

  /**
   * The candidate for a job: the forced one, the tuned one, or the first. Jobs without a measured choice are remembered for `tune`. The profiler shows the
   * job's key beside the kernels that it runs.
   */
  pick(job: Job): Candidate {
    const { name, run } = this.choose(job);
    if (this.depth === 0) this.observer?.(job, name);
    const described = (slices: Slice[]): void => {
      this.depth++;
      try {
        this.gpu.described(job.key, () => run(slices));
      } finally {
        this.depth--;
      }
    };
    return { name, run: described };
  }

  private choose(job: Job): Candidate {
    const { candidates, key } = job;
    const forced = this.force && candidates.find(({ name }) => name === this.force);
    if (forced) return forced;
    const choice = this.table[this.gpu.adapter.key]?.[key];
    const tuned = choice && candidates.find(({ name }) => name === choice.name);
    if (tuned) return tuned;
    if (candidates.length > 1 && !this.wanted.has(key)) this.wanted.set(key, job);
    return candidates[0];
  }

  /** Reads the file of choices, if there is one. A damaged file counts as none: choices can be measured again. */
  async load(): Promise<void> {
    if (!this.file) return;
    const { readFile } = await import('node:fs/promises');
    try {
      const table = JSON.parse(await readFile(this.file, 'utf8'));
      if (table && typeof table === 'object') this.table = table;
    } catch {
      this.table = {};
    }
  }

  /**
   * Times every job met so far that has no choice yet: each candidate is compared with the plain kernel (the last one) on random data
   * first, and dropped if it differs. Returns the new choices by job.
   */
  async tune(log: (line: string) => void = () => {}): Promise<Record<string, Choice>> {
    const made: Record<string, Choice> = {};
    for (const [key, job] of this.wanted) {
      made[key] = await this.measure(job);
      log(`${key}: ${made[key].name} ${made[key].ms[made[key].name].toFixed(3)} ms`);
    }
    this.wanted.clear();
    const mine = (this.table[this.gpu.adapter.key] ??= {});
    Object.assign(mine, made);
    if (this.file && Object.keys(made).length > 0) await this.save(this.file);
    return made;
  }

  /** Is any choice known for this adapter? */
  get tuned(): boolean {
    return Object.keys(this.table[this.gpu.adapter.key] ?? {}).length > 0;
  }

  /** Writes all choices to a file, whole or not at all. Node only. */
  async save(file: string): Promise<void> {
    const { mkdir, rename, writeFile } = await import('node:fs/promises');
    const { dirname } = await import('node:path');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.part`, `${JSON.stringify(this.table, null, 1)}\n`);
    await rename(`${file}.part`, file);
  }

  private async measure({ sizes, types = sizes.map(() => 'f32' as const), candidates }: Job): Promise<Choice> {
    const { gpu } = this;
    const slices = sizes.map((bytes, i) => gpu.allocate(`tuner ${i}`, bytes));
    try {
      for (const [i, slice] of slices.slice(0, -1).entries())
        gpu.upload(slice, types[i] === 'f16' ? toHalf(noise(slice.size / 2)) : noise(slice.size / 4));
      const output = slices[slices.length - 1];
      const result = async (candidate: Candidate): Promise<Float32Array> => {
        gpu.fill(output, 0x7fc00000);
        candidate.run(slices);
        const bytes = await gpu.read(output);
        return types[types.length - 1] === 'f16' ? fromHalf(new Uint16Array(bytes)) : new Float32Array(bytes);
      };
      const expected = await result(candidates[candidates.length - 1]);
      const right: Candidate[] = [];
      for (const candidate of candidates)
        if (agree(expected, await result(candidate), TOLERANCE[types[types.length - 1]])) right.push(candidate);
      const times = new Map(right.map((candidate) => [candidate, [] as number[]]));
      for (let round = 0; round < REPEATS; round++)
        for (const [candidate, list] of times) list.push(await this.time(candidate, slices));
      const ms: Record<string, number> = {};
      for (const [{ name }, list] of times) ms[name] = list.sort((a, b) => a - b)[list.length >> 1];
      const [name] = Object.entries(ms).reduce((best, row) => (row[1] < best[1] ? row : best));
      return { name, ms };
    } finally {
      for (const slice of slices) gpu.release(slice);
    }
  }

  private async time(candidate: Candidate, slices: Allocation[]): Promise<number> {
    await this.gpu.settled();
    const start = performance.now();
    candidate.run(slices);
    this.gpu.flush();
    await throttled(this.gpu.device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  }
}

function noise(length: number): Float32Array {
  const values = new Float32Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  return values;
}

function agree(expected: Float32Array, actual: Float32Array, tolerance: number): boolean {
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i]) && Number.isNaN(actual[i])) continue; // the slack behind the last element
    const gap = Math.abs(expected[i] - actual[i]);
    if (!(gap < Number.POSITIVE_INFINITY)) return false;
    difference = Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return difference <= tolerance * Math.max(largest, 1e-30);
}
