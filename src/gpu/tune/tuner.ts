// Chooses among the kernels that can do a job. An op names its candidates for a shape; the tuner times them once per adapter and keeps
// the choice in a file; tables of what we measured ship with the package. Without an entry the op's own fixed order decides, so that nothing
// has to be measured to start.

import { fromHalf, toHalf } from '../device/half.ts';
import { polled } from '../device/poll.ts';
import type { Gpu } from '../gpu.ts';
import type { Allocation, Slice } from '../kernel/memory.ts';
import { shippedChoices } from './tuning-tables.ts';

/** One kernel that can do a job. */
export interface Candidate {
  name: string;
  /** Records the job into `bindings`: the inputs in the op's order, then the output. */
  run: (slices: Slice[]) => void;
  /** Its rounding errors are well above those of direct sums: chosen only where it is forced or asked for. */
  lowPrecision?: boolean;
}

/** A job to be tuned: what is asked for, how large its operands are, and who could do it, best guess first, the plain kernel last. */
export interface TuningJob {
  /** Op and shape, e.g. `conv2d/forward 32x16x16x64 3x3 64 s1 p1`. */
  key: string;
  /** Bytes of each input, then of the output. Inputs are filled with random values, integers with 0. */
  sizes: number[];
  /** How the elements of each are stored. Default f32 everywhere. */
  types?: readonly ('f16' | 'f32' | 'u32' | 'u8')[];
  candidates: Candidate[];
  /** The same candidates without what they know of memory besides their slices (an epilogue's operands): it may be somebody else's when they are timed. */
  alone?: () => Candidate[];
}

/** Where choices of kernels come from, and what may be chosen. */
export interface TunerOptions {
  /** JSON file that keeps choices between runs. Node only. */
  file?: string;
  /** Forces this candidate wherever a job offers it: for tests and comparisons. */
  force?: string;
  /** Choose candidates of low precision, too. Default false. */
  lowPrecision?: boolean;
  /** Start from the table that ships for this adapter, if there is one. Default true. */
  shipped?: boolean;
}

/** The candidate that was measured to be the fastest for a job, and the times of all. */
export interface Choice {
  name: string;
  /** Milliseconds by candidate, as measured; absent for a candidate that was wrong. */
  ms: Record<string, number>;
}

/** What one run takes, and the runs of a sample. */
interface Sample {
  ms: number;
  runs: number;
}

type Table = Record<string, Readonly<Record<string, Choice>>>;

/** Relative to the largest magnitude of the plain kernel's result. f32: sums of up to 10⁵ products in another order stay well below; f16: two roundings of 2⁻¹¹ each. */
const TOLERANCE = { f32: 1e-3, f16: 2e-3, u32: 0, u8: 0 };
/** Values of a result's bytes. */
const VALUES = {
  f32: (bytes: ArrayBuffer) => new Float32Array(bytes),
  f16: (bytes: ArrayBuffer) => fromHalf(new Uint16Array(bytes)),
  u32: (bytes: ArrayBuffer) => Float32Array.from(new Uint32Array(bytes)),
  u8: (bytes: ArrayBuffer) => Float32Array.from(new Uint8Array(bytes)),
};
/** Samples of a candidate: enough for the median of short ones to hold still. */
const SAMPLES = { least: 5, most: 25, ms: 25 };
/**
 * Milliseconds that a sample lasts at least, by repetition within one submission, and most repetitions. Measured on an H200: a submission takes the host 0.1 ms, and
 * most kernels of a training step less than that.
 */
const SAMPLE = { ms: 1, most: 256 };
/** The op's own first choice stays unless another is this much faster: below it, repeated measurements disagree. */
const MARGIN = 1.05;
/** A candidate whose first sample takes as many times as long as the best one's is not run again: a plain kernel can take a hundred times as long. */
const HOPELESS = 3;

/** Chooses among the kernels that can do a job: the one that is forced, else the one that was measured here or ships for the adapter, else the first. */
export class Tuner {
  private readonly gpu: Gpu;
  private readonly file?: string;
  private readonly lowPrecision: boolean;
  /** Forces a candidate by name; settable between calls. */
  force?: string;
  /** Sees each job and the candidate that it gets, but not the jobs that candidates have in turn. */
  observer?: (job: TuningJob, name: string) => void;
  private depth = 0;
  /** What the file holds, and what was measured since, by adapter. */
  private readonly table: Table = {};
  private readonly shipped: Readonly<Record<string, Choice>>;
  private readonly wanted = new Map<string, TuningJob>();

  constructor(gpu: Gpu, { file, force, lowPrecision = false, shipped = true }: TunerOptions = {}) {
    this.gpu = gpu;
    this.file = file;
    this.force = force;
    this.lowPrecision = lowPrecision;
    this.shipped = shipped ? shippedChoices(gpu.adapter.key) : {};
  }

  /**
   * The candidate for a job: the forced one, the tuned one, or the first. Jobs without a measured choice are remembered for `tune`. The profiler shows the
   * job's key beside the kernels that it runs.
   */
  select(job: TuningJob): Candidate {
    const { name, run } = this.choose(job);
    if (this.depth === 0) this.observer?.(job, name);
    const labeled = (slices: Slice[]): void => {
      this.depth++;
      try {
        this.gpu.withLabel(job.key, () => run(slices));
      } finally {
        this.depth--;
      }
    };
    return { name, run: labeled };
  }

  private choose(job: TuningJob): Candidate {
    const { key } = job;
    const forced = this.force && job.candidates.find(({ name }) => name === this.force);
    if (forced) return forced;
    const candidates = this.allowed(job);
    const choice = this.table[this.gpu.adapter.key]?.[key] ?? this.shipped[key];
    const tuned = choice && candidates.find(({ name }) => name === choice.name);
    if (tuned) return tuned;
    if (candidates.length > 1 && !this.wanted.has(key))
      this.wanted.set(key, job.alone ? { ...job, candidates: job.alone() } : job);
    return candidates[0];
  }

  /** Reads the file of choices, if there is one; they go before shipped ones. Throws TuningTableError for a damaged file, in one line that says where and what to do. */
  async load(): Promise<void> {
    if (!this.file) return;
    const { readChoices } = await import('./table-file.ts');
    for (const [key, choices] of Object.entries(await readChoices(this.file)))
      this.table[key] = { ...this.table[key], ...choices };
  }

  /**
   * Times every job met so far that has no choice yet: each candidate is compared with the plain kernel (the last one) on random data
   * first, and dropped if it differs, or if its first run is far behind. Returns the new choices by job.
   */
  async tune(log: (line: string) => void = () => {}): Promise<Record<string, Choice>> {
    const made: Record<string, Choice> = {};
    for (const [key, job] of this.wanted) {
      made[key] = await this.measure(job);
      log(`${key}: ${made[key].name} ${made[key].ms[made[key].name].toFixed(3)} ms`);
    }
    this.wanted.clear();
    const adapter = this.gpu.adapter.key;
    this.table[adapter] = { ...this.table[adapter], ...made };
    if (this.file && Object.keys(made).length > 0) {
      const { writeChoices } = await import('./table-file.ts');
      await writeChoices(this.file, this.table);
    }
    return made;
  }

  /** Chosen by measurement for this adapter, here or where the shipped table was made. */
  get choices(): Readonly<Record<string, Choice>> {
    return { ...this.shipped, ...this.table[this.gpu.adapter.key] };
  }

  /** Is any choice known for this adapter? */
  get tuned(): boolean {
    return Object.keys(this.choices).length > 0;
  }

  /** Writes all choices to a file, shipped ones too, so that whoever loads it gets the same kernels; whole or not at all. Node only. */
  async save(file: string): Promise<void> {
    const { writeChoices } = await import('./table-file.ts');
    await writeChoices(file, { ...this.table, [this.gpu.adapter.key]: this.choices });
  }

  private allowed({ candidates }: TuningJob): Candidate[] {
    return this.lowPrecision ? candidates : candidates.filter(({ lowPrecision }) => !lowPrecision);
  }

  private async measure(job: TuningJob): Promise<Choice> {
    const { gpu } = this;
    const { sizes, types = sizes.map(() => 'f32' as const) } = job;
    const candidates = this.allowed(job);
    const slices = sizes.map((bytes, i) => gpu.allocate(`tuner ${i}`, bytes));
    try {
      for (const [i, slice] of slices.slice(0, -1).entries()) {
        if (types[i] === 'f16') gpu.upload(slice, toHalf(noise(slice.size / 2)));
        else if (types[i] === 'f32') gpu.upload(slice, noise(slice.size / 4));
        else gpu.fill(slice, 0); // an index that every tensor has
      }
      const output = slices[slices.length - 1];
      const stored = types[types.length - 1];
      const result = async (candidate: Candidate): Promise<Float32Array> => {
        gpu.fill(output, 0x7fc00000);
        candidate.run(slices);
        return VALUES[stored](await gpu.read(output, sizes[sizes.length - 1]));
      };
      const plain = candidates[candidates.length - 1];
      const expected = await result(plain);
      const right: Candidate[] = [];
      for (const candidate of candidates)
        if (candidate === plain || agree(expected, await result(candidate), TOLERANCE[stored])) right.push(candidate);
      const firsts = new Map<Candidate, Sample>();
      for (const candidate of right) firsts.set(candidate, await this.firstSample(candidate, slices));
      const best = [...firsts.values()].reduce((best, sample) => (sample.ms < best.ms ? sample : best));
      const near = [...firsts].filter(([, { ms }]) => ms <= HOPELESS * best.ms);
      const times = new Map(right.map((candidate) => [candidate, [firsts.get(candidate)!.ms]]));
      const lasts = best.ms * best.runs;
      const rounds = Math.max(SAMPLES.least, Math.min(SAMPLES.most, Math.ceil(SAMPLES.ms / lasts)));
      for (let round = 1; round < rounds; round++)
        for (const [candidate, { runs }] of near) times.get(candidate)!.push(await this.time(candidate, slices, runs));
      const ms: Record<string, number> = {};
      for (const [{ name }, list] of times) ms[name] = list.sort((a, b) => a - b)[list.length >> 1];
      const first = right[0].name;
      const name = Object.keys(ms).reduce((best, name) => (ms[name] < ms[best] ? name : best));
      return { name: ms[first] <= MARGIN * ms[name] ? first : name, ms };
    } finally {
      for (const slice of slices) gpu.release(slice);
    }
  }

  /** A sample of as many runs as it takes to last long enough. */
  private async firstSample(candidate: Candidate, slices: Allocation[]): Promise<Sample> {
    for (let runs = 1; ; ) {
      const ms = await this.time(candidate, slices, runs);
      if (ms * runs >= SAMPLE.ms || runs === SAMPLE.most) return { ms, runs };
      // A factor of eight at most: the first runs wait for the machine to wake up.
      runs = Math.min(SAMPLE.most, 8 * runs, Math.ceil((1.5 * SAMPLE.ms) / ms));
    }
  }

  /** Milliseconds of one of `runs` runs. */
  private async time(candidate: Candidate, slices: Allocation[], runs: number): Promise<number> {
    await this.gpu.idle();
    const start = performance.now();
    for (let run = 0; run < runs; run++) candidate.run(slices);
    this.gpu.flush();
    await polled(this.gpu.device.queue.onSubmittedWorkDone());
    return (performance.now() - start) / runs;
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
