// The one allocator. Every buffer has a label and comes from a pool of size classes; a freed buffer is reused by later commands at once,
// since the queue runs in order, and is destroyed only behind a fence.
import { AstroError, KernelError, OutOfMemoryError } from '../device/errors.ts';

/** A piece of GPU memory: `size` bytes of `buffer` from `offset`. Sizes are multiples of 16, so that kernels may read whole vec4s. */
export interface Slice {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** A slice that the allocator handed out and wants back. */
export interface Allocation extends Slice {
  label: string;
  /** Bytes of the size class, which is what the device holds. */
  readonly held: number;
  /** The capture that owns it, while its program lives: such memory is never given to anyone else. */
  owner?: AllocationOwner;
  /** How many other programs use it at every replay: until they are disposed of, it is nobody else's, freed or not. */
  users: number;
  free: boolean;
}

/** What a program holds, or several that share memory: their own, that of others which they use, and where their own goes when freed during a capture, to be reused there only. */
export interface AllocationOwner {
  programs: number;
  readonly pool: Map<number, Allocation[]>;
  readonly owned: Set<Allocation>;
  readonly used: Set<Allocation>;
}

/** What Memory holds, in bytes. */
export interface MemoryStats {
  /** Bytes held by living tensors and programs. */
  current: number;
  peak: number;
  /** Bytes on the device, the pool's free buffers included. */
  reserved: number;
  /** Living bytes by label, largest first. */
  byLabel: { label: string; bytes: number; count: number }[];
}

const USAGE = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST
const SMALLEST = 256;

/** Rounds up to a size class: four steps an octave, so at most a fifth of a buffer is slack. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const step = 2 ** (Math.ceil(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

/** Bytes as text for people, in MiB: `12.3 MiB`. */
export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 3 : 1)} MiB`;

/** The GPU memory of one device: pieces of pooled buffers, counted by label, within a budget. `gpu.memory.stats()` says who holds what. */
export class Memory {
  /** Whose memory it is. */
  readonly device: GPUDevice;
  /** Bytes that living allocations may reach together. */
  budget: number;
  private readonly pool = new Map<number, Allocation[]>();
  private readonly living = new Map<GPUBuffer, Allocation>();
  private readonly buffers = new WeakSet<GPUBuffer>();
  private current = 0;
  private peakBytes = 0;
  private reserved = 0;
  private capture?: AllocationOwner;
  /** Called with a buffer about to be destroyed, so that caches which name it can let go. */
  onDestroy: (buffer: GPUBuffer) => void = () => {};

  constructor(device: GPUDevice, budget: number) {
    this.device = device;
    this.budget = budget;
  }

  /** The largest slice that a kernel sees, in bytes. */
  get mostBound(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /**
   * Memory for `bytes` bytes, contents undefined; with `inPieces` of any size that a buffer may have, for what no kernel is given as a whole. Throws OutOfMemoryError
   * naming `label`, the request and the largest holders.
   */
  allocate(label: string, bytes: number, inPieces = false): Allocation {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    const held = sizeClass(size);
    const limit = inPieces ? this.device.limits.maxBufferSize : this.mostBound;
    if (size > limit)
      throw this.outOfMemory(label, size, `one buffer of this device holds at most ${megabytes(limit)}`);
    const mine = this.capture && freeOf(this.capture, held);
    // Memory that the capture holds already is not counted twice.
    if (!mine && this.current + held > this.budget)
      throw this.outOfMemory(
        label,
        size,
        `the budget is ${megabytes(this.budget)}, ${megabytes(this.current)} of it in use`,
      );
    const reused = mine ?? this.pool.get(held)?.pop();
    const buffer = reused?.buffer ?? this.device.createBuffer({ label, size: Math.min(held, limit), usage: USAGE });
    if (reused) buffer.label = label;
    else this.reserved += held;
    this.buffers.add(buffer);
    const owner = this.capture;
    const allocation: Allocation = {
      ...{ buffer, offset: 0, size, held: reused?.held ?? held, label, users: 0, free: false, owner },
    };
    if (reused?.owner) {
      // Living bytes of a capture were never given back, so only the label changes hands.
      this.capture!.owned.delete(reused);
      this.current -= reused.held;
    }
    this.capture?.owned.add(allocation);
    this.living.set(buffer, allocation);
    this.current += allocation.held;
    this.peakBytes = Math.max(this.peakBytes, this.current);
    return allocation;
  }

  /** Gives memory back. Commands recorded so far may still use it; commands recorded later may reuse it. */
  release(allocation: Allocation): void {
    if (allocation.free) throw new AstroError(`${allocation.label} was freed twice`);
    allocation.free = true;
    const { owner } = allocation;
    if (owner && owner === this.capture) push(owner.pool, allocation);
    this.recycle(allocation);
  }

  /** Throws KernelError for what is no memory, or another Gpu's. */
  needOwn(label: string, slices: readonly Slice[]): void {
    for (const [i, slice] of slices.entries())
      if (!slice?.buffer)
        throw new KernelError(`kernel ${label}: binding ${i} is no memory; a slice is wanted, as tensor.slice is one`);
    for (const { buffer } of slices)
      if (!this.buffers.has(buffer))
        throw new KernelError(
          `kernel ${label}: ${buffer.label || 'a buffer'} is of another Gpu; make it anew on this one`,
        );
  }

  /** Inside a capture: its program will use these slices at every replay. */
  use(slices: readonly Slice[]): void {
    const { capture } = this;
    if (!capture) return;
    for (const { buffer } of slices) {
      const allocation = this.living.get(buffer);
      if (!allocation || allocation.owner === capture || capture.used.has(allocation)) continue;
      allocation.users++;
      capture.used.add(allocation);
    }
  }

  /** Gives freed memory that no program holds to everyone. */
  private recycle(allocation: Allocation): void {
    if (!allocation.free || allocation.owner || allocation.users > 0) return;
    this.living.delete(allocation.buffer);
    this.current -= allocation.held;
    push(this.pool, allocation);
  }

  /** From here on, what is allocated or freed belongs to one program more of an owner, by default one of its own. */
  beginCapture(
    owner: AllocationOwner = { programs: 0, pool: new Map(), owned: new Set(), used: new Set() },
  ): AllocationOwner {
    owner.programs++;
    this.capture = owner;
    return owner;
  }

  /** Ends what beginCapture() began: later allocations are nobody's again. */
  endCapture(): void {
    this.capture = undefined;
  }

  /** One program less: with the last, its memory, and what it held of others, goes to everyone; what a living tensor still holds stays with that tensor. */
  releaseOwner(owner: AllocationOwner): void {
    if (--owner.programs > 0) return;
    for (const allocation of owner.owned) allocation.owner = undefined;
    for (const allocation of owner.used) allocation.users--;
    for (const allocation of [...owner.owned, ...owner.used]) this.recycle(allocation);
    owner.owned.clear();
    owner.used.clear();
    owner.pool.clear();
  }

  /** Destroys the pool's free buffers, once every submitted command has run. The caller submits pending commands first. */
  async trim(settled: Promise<unknown>): Promise<void> {
    const doomed = [...this.pool.values()].flat();
    this.pool.clear();
    await settled;
    for (const { buffer, held } of doomed) {
      this.onDestroy(buffer);
      buffer.destroy();
      this.reserved -= held;
    }
    this.device.queue.submit([]); // destroyed buffers are freed by a submit only
  }

  /** Starts the peak anew from what is held now. */
  resetPeak(): void {
    this.peakBytes = this.current;
  }

  /** Bytes in use now and at the peak, what the pool keeps, and who holds what by label, the largest first. */
  stats(): MemoryStats {
    const byLabel = new Map<string, { label: string; bytes: number; count: number }>();
    for (const { label, held } of this.living.values()) {
      const row = byLabel.get(label) ?? { label, bytes: 0, count: 0 };
      row.bytes += held;
      row.count++;
      byLabel.set(label, row);
    }
    return {
      current: this.current,
      peak: this.peakBytes,
      reserved: this.reserved,
      byLabel: [...byLabel.values()].sort((a, b) => b.bytes - a.bytes),
    };
  }

  /** What the device's own refusal becomes: it comes later than the request, so it names what ran and what holds most. */
  deviceFull(running: string, what: string): OutOfMemoryError {
    return new OutOfMemoryError(`the device has no memory left after ${running}: ${what}${this.holders()}`);
  }

  private outOfMemory(label: string, size: number, why: string): OutOfMemoryError {
    return new OutOfMemoryError(`no memory for ${label} (${megabytes(size)}): ${why}${this.holders()}`);
  }

  private holders(): string {
    const largest = this.stats().byLabel.slice(0, 3);
    return largest.length === 0
      ? ''
      : `; largest holders: ${largest.map(({ label, bytes }) => `${label} ${megabytes(bytes)}`).join(', ')}`;
  }
}

function push(pool: Map<number, Allocation[]>, allocation: Allocation): void {
  const list = pool.get(allocation.held);
  if (list) list.push(allocation);
  else pool.set(allocation.held, [allocation]);
}

/** Freed memory of an owner for `held` bytes; where programs share it, also a larger piece, of at most twice as many bytes. */
function freeOf({ pool, programs }: AllocationOwner, held: number): Allocation | undefined {
  const exact = pool.get(held)?.pop();
  if (exact || programs === 1) return exact;
  const fits = [...pool].flatMap(([size, list]) => (size > held && size <= 2 * held && list.length > 0 ? [size] : []));
  return fits.length > 0 ? pool.get(Math.min(...fits))!.pop() : undefined;
}
