// What went wrong on a device that no kernel is to blame for: what was computed since is not to be trusted, so it is kept, and thrown by every call from then on.
import { DeviceLostError, ValidationError } from '../device/errors.ts';
import type { Refusals } from '../device/refusals.ts';
import type { Memory } from './memory.ts';

/** A rejected promise may come before the event that explains it; by so many milliseconds later that has come, too. */
const MOMENT = 20;

export class Failures {
  /** What was submitted last. */
  running = 'nothing';
  private readonly memory: Memory;
  private first?: Error;

  /** Hears all that the device says, but for what is told of calls that are watched. */
  constructor(device: GPUDevice, refusals: Refusals, memory: Memory) {
    this.memory = memory;
    device.lost.then(({ message, reason }) => this.lost(message?.split('\n')[0] || reason || 'unknown reason'));
    device.onuncapturederror = (event) => {
      // Where it is thrown, Dawn need not print it.
      if (refusals.take(event.error)) event.preventDefault();
      else this.refused(event.error);
    };
  }

  get any(): boolean {
    return this.first !== undefined;
  }

  /** Throws the first of them. */
  check(): void {
    if (this.first) throw this.first;
  }

  /** The device is of no more use. */
  lost(reason: string): void {
    this.first ??= new DeviceLostError(reason, this.running);
  }

  /** A command was refused. */
  refused(error: GPUError): void {
    // The first line says what is wrong, the last one of which object.
    const lines = error.message.split('\n').filter((line) => line.trim());
    const what = [...new Set([lines[0], lines[lines.length - 1]])].map((line) => line.trim()).join(' ');
    this.first ??= /OutOfMemory/.test(error.constructor.name)
      ? this.memory.deviceFull(this.running, what)
      : new ValidationError(`WebGPU refused a command after ${this.running}: ${what}`);
  }

  /** After a promise that was rejected: throws what explains it, if that comes within a moment. */
  async explain(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, MOMENT));
    this.check();
  }
}
