// Kinds of steps, each captured the first time it comes and replayed from then on.
import type { Gpu, Program } from '../../gpu/index.ts';

/** Programs by the kind of step. Owns their memory; release() them. */
export class Programs {
  private readonly gpu: Gpu;
  private readonly made = new Map<string, Program>();

  constructor(gpu: Gpu) {
    this.gpu = gpu;
  }

  /** Was no step run yet? */
  get none(): boolean {
    return this.made.size === 0;
  }

  /** One step of this kind; what `record` does must be the same for all steps of a kind. */
  run(kind: string, record: () => void): void {
    const program = this.made.get(kind);
    if (program) program.replay();
    else this.made.set(kind, this.gpu.capture(kind, record));
  }

  release(): void {
    for (const program of this.made.values()) program.dispose();
    this.made.clear();
  }
}
