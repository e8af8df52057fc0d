// Captured programs of a step whose sizes differ: one for each size, all in one piece of memory, which is about what the largest takes. Where that is too large, or there are too many, all of them
// go, and each is captured anew when it comes.
import { type Gpu, megabytes, OutOfMemoryError, type Program } from '../../gpu/index.ts';

/** Programs that are there at once, whatever they hold: each has a list of commands, too. */
const MOST = 1024;

/** How a cache is kept. */
export interface ProgramCacheOptions {
  /** Bytes that all programs may hold together; a single one may be larger. */
  budget: number;
  /** Programs that are there at once. Default 1024. */
  most?: number;
  /** Told once, when memory did not hold the programs together. */
  log?: (line: string) => void;
}

/** Programs by key, of which one runs at a time. Owns their memory; release() them. */
export class ProgramCache {
  private readonly gpu: Gpu;
  private readonly budget: number;
  private readonly most: number;
  private log?: (line: string) => void;
  private readonly kept = new Map<string, Program>();
  private bytes = 0;

  constructor(gpu: Gpu, { budget, most = MOST, log }: ProgramCacheOptions) {
    this.gpu = gpu;
    this.budget = budget;
    this.most = most;
    this.log = log;
  }

  /** How many there are, and the bytes that they hold. */
  get held(): { programs: number; bytes: number } {
    return { programs: this.kept.size, bytes: this.bytes };
  }

  /** The program of a key, if it is there. */
  get(key: string): Program | undefined {
    return this.kept.get(key);
  }

  /**
   * Captures a program, which runs it. Nothing that the others recorded may wait to be submitted, and nothing that `record` makes may be read behind it. Throws OutOfMemoryError where there is no
   * memory for it without the others.
   */
  async make(key: string, record: () => void): Promise<void> {
    try {
      this.capture(key, record);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError) || this.kept.size === 0) throw error;
      this.tell(error.reason);
      await this.letAllGo();
      this.capture(key, record);
    }
    const tooLarge = this.bytes > this.budget && this.kept.size > 1;
    if (tooLarge) this.tell(`${this.kept.size} take ${megabytes(this.bytes)} and may hold ${megabytes(this.budget)}`);
    if (tooLarge || this.kept.size > this.most) await this.letAllGo();
  }

  private capture(key: string, record: () => void): void {
    const { gpu, kept } = this;
    const before = gpu.memory.stats().current;
    const [shares] = kept.values();
    kept.set(key, gpu.capture(key, record, { shares }));
    this.bytes += gpu.memory.stats().current - before;
  }

  private tell(why: string): void {
    this.log?.(
      `memory does not hold the programs of all padded sizes together (${why}): they are captured anew when their sizes come, which takes time; more memory, fewer sizes or smaller micro-batches avoid it`,
    );
    this.log = undefined;
  }

  private async letAllGo(): Promise<void> {
    this.release();
    await this.gpu.trim();
  }

  /** Disposes of all programs. Those that are needed later are captured anew. */
  release(): void {
    for (const program of this.kept.values()) program.dispose();
    this.kept.clear();
    this.bytes = 0;
  }
}
