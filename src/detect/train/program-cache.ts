// Captured programs of a step whose sizes differ: one for each size, all in one piece of memory, which is about what the largest takes. Where a budget does not hold it, all of them go, and
// each is captured anew when it comes.
import { type Gpu, OutOfMemoryError, type Program } from '../../gpu/index.ts';

/** Programs by key, of which one runs at a time. Owns their memory; release() them. */
export class ProgramCache {
  private readonly gpu: Gpu;
  private readonly budget: number;
  private readonly kept = new Map<string, Program>();
  private bytes = 0;

  /** `budget` are the bytes that all programs may hold together; a single one may be larger. */
  constructor(gpu: Gpu, budget: number) {
    this.gpu = gpu;
    this.budget = budget;
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
      await this.letAllGo();
      this.capture(key, record);
    }
    if (this.bytes > this.budget && this.kept.size > 1) await this.letAllGo();
  }

  private capture(key: string, record: () => void): void {
    const { gpu, kept } = this;
    const before = gpu.memory.stats().current;
    const [shares] = kept.values();
    kept.set(key, gpu.capture(key, record, { shares }));
    this.bytes += gpu.memory.stats().current - before;
  }

  private async letAllGo(): Promise<void> {
    this.release();
    await this.gpu.trim();
  }

  release(): void {
    for (const program of this.kept.values()) program.dispose();
    this.kept.clear();
    this.bytes = 0;
  }
}
