// What WebGPU has against a call. Dawn in Node says it within the call, so that the call itself can throw; a page is told later, so that its next wait throws.
import { IN_NODE } from './platform.ts';

/** Told of a call's first error, or that there is none; what it throws is thrown by the call, or in a page by the next `settled`. */
type Tell = (error?: GPUError) => void;

/** Hears the errors of a device while calls are watched. */
export class Refusals {
  private readonly device: GPUDevice;
  /** Do errors come within the call? */
  readonly atOnce: boolean;
  private watching = false;
  private heard?: GPUError;
  private late?: Error;
  private readonly open = new Set<Promise<unknown>>();

  /** `atOnce`: by default in Node. */
  constructor(device: GPUDevice, atOnce = IN_NODE) {
    this.device = device;
    this.atOnce = atOnce;
  }

  /** An error that nobody caught: is it of a watched call? */
  take(error: GPUError): boolean {
    if (this.watching) this.heard ??= error;
    return this.watching;
  }

  /** Runs `fn`, and tells what there is against it. */
  watch<T>(fn: () => T, tell: Tell): T {
    if (!this.atOnce) return this.scoped(fn, tell);
    this.watching = true;
    this.heard = undefined;
    let result: T;
    try {
      result = fn();
    } finally {
      this.watching = false;
    }
    tell(this.heard);
    return result;
  }

  /** Resolves when what was watched so far has been told. Throws the first of what `tell` threw since. */
  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open);
    const { late } = this;
    this.late = undefined;
    if (late) throw late;
  }

  private scoped<T>(fn: () => T, tell: Tell): T {
    const { device } = this;
    const filters = ['internal', 'validation'] as const;
    for (const filter of filters) device.pushErrorScope(filter);
    try {
      return fn();
    } finally {
      const told: Promise<void> = Promise.all(filters.map(() => device.popErrorScope().catch(() => null))) // null: the device is lost
        .then((errors) => tell(errors.find((each) => each !== null) ?? undefined))
        .catch((error: Error) => {
          this.late ??= error;
        })
        .then(() => {
          this.open.delete(told);
        }); // last: whoever finds none open takes `late` at once
      this.open.add(told);
    }
  }
}
