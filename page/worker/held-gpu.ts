// The GPU that the trainer works on, one thing after another. A device that is lost is opened again, and what was on it is made anew; who waits for it goes on then.
import { AstroError, DeviceLostError, type Gpu } from 'astrogpu/gpu';
import { InTurn, sleep } from './in-turn.ts';
import { openMachine, type Surroundings } from './machine.ts';

/** Whatever lives on the GPU. */
export interface Tenant {
  /** The device is lost, or back. */
  changed(): void;
  /** What was on the device is gone. */
  forget(): void;
  /** Makes it anew on another one. */
  restore(gpu: Gpu): Promise<void>;
  /** How far it has come: while this does not grow, what is done may be why the device is lost. */
  progress(): number;
  /** It is given up: no device comes back, or it is lost again and again, or what was there cannot be made anew. */
  giveUp(reason: 'gone' | 'again' | Error): void;
}

export interface HeldGpuOptions {
  open: () => Promise<Gpu>;
  around: () => Surroundings;
  /** Milliseconds to wait before each try to have a lost device back. */
  tries: readonly number[];
}

/** So often it may be lost while nothing goes on, each time within so many milliseconds of the last. */
const MOST_LOSSES = 3;
const SOON = 60_000;

/** There is no GPU to work on. */
class NoGpuError extends AstroError {}

/** A GPU, and the line of work on it. */
export class HeldGpu {
  gpu?: Gpu;
  /** What to do where there is none, or only a software adapter. */
  advice?: string;
  private readonly options: HeldGpuOptions;
  private readonly tenant: Tenant;
  private readonly line = new InTurn();
  /** While the device is lost: until it is back, or was given up. */
  private recovery?: Promise<void>;
  private losses = { count: 0, progress: 0, at: 0 };

  constructor(options: HeldGpuOptions, tenant: Tenant) {
    this.options = options;
    this.tenant = tenant;
  }

  /** Is it lost, and not back yet? */
  get lost(): boolean {
    return this.recovery !== undefined;
  }

  /** Opens one, where there is none yet. */
  open(): Promise<void> {
    const { open, around } = this.options;
    return this.inTurn(async () => {
      if (this.gpu) return;
      const { gpu, advice } = await openMachine(open, around);
      this.advice = advice;
      if (gpu) this.adopt(gpu);
    });
  }

  /** Work that needs no GPU of its own, when all that was asked for before is done. */
  inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    return this.line.run(work);
  }

  /** Work on the GPU, when it is its turn; again where the device is lost in it, `insisting` as often as it comes back, else once. Throws AstroError where there is no GPU. */
  async use<T>(work: (gpu: Gpu) => Promise<T>, { insisting = false } = {}): Promise<T> {
    for (let tries = 0; ; tries++) {
      let used: Gpu | undefined;
      try {
        return await this.line.run(() => {
          used = this.gpu;
          if (!used) throw new NoGpuError('there is no GPU to work on: reload the page to look for one');
          return work(used);
        });
      } catch (error) {
        const lost = error instanceof DeviceLostError || (error instanceof NoGpuError && this.lost);
        if (!lost || (tries > 0 && !insisting)) throw error;
        if (used) this.lose(used);
        await this.recovery;
      }
    }
  }

  /** After what no kernel is to blame for, which stays with a device: has another one opened. */
  async mend(): Promise<void> {
    const { gpu } = this;
    if (gpu) await this.line.run(() => gpu.idle()).catch(() => this.lose(gpu));
  }

  async close(): Promise<void> {
    await this.recovery;
    const { gpu } = this;
    this.gpu = undefined;
    await this.line.run(() => gpu?.close());
  }

  private adopt(gpu: Gpu): void {
    this.gpu = gpu;
    void gpu.device.lost.then(() => this.lose(gpu));
  }

  /** A device is of no more use: another takes its place, after the work that fails with it. */
  private lose(gpu: Gpu): void {
    if (this.gpu !== gpu) return;
    this.gpu = undefined;
    const recovery = this.line
      .run(() => this.recover(gpu))
      .finally(() => {
        // It may have been lost again meanwhile.
        if (this.recovery === recovery) this.recovery = undefined;
        this.tenant.changed();
      });
    this.recovery = recovery;
    this.tenant.changed();
  }

  private async recover(lost: Gpu): Promise<void> {
    const { tenant } = this;
    const progress = tenant.progress();
    tenant.forget();
    await lost.close().catch(() => {});
    const { losses } = this;
    const at = performance.now();
    const count = progress > losses.progress || at - losses.at > SOON ? 1 : losses.count + 1;
    this.losses = { count, progress: Math.max(progress, losses.progress), at };
    // With nothing to make anew there is one chance left.
    if (count > MOST_LOSSES + 1) return tenant.giveUp('gone');
    const gpu = await this.openAgain();
    if (!gpu) return tenant.giveUp('gone');
    this.adopt(gpu);
    if (count > MOST_LOSSES) return tenant.giveUp('again');
    try {
      await tenant.restore(gpu);
    } catch (error) {
      tenant.forget();
      if (!(error instanceof DeviceLostError)) tenant.giveUp(error as Error);
    }
  }

  private async openAgain(): Promise<Gpu | undefined> {
    for (const wait of this.options.tries) {
      await sleep(wait);
      const gpu = await this.options.open().catch(() => undefined);
      if (gpu) return gpu;
    }
    return undefined;
  }
}
