// The small buffers that hold the words of kernels' uniforms. Shapes repeat, so they are kept by content; scalars that change from call to call do not, so no more than a
// bounded number is kept: the one that was not used for longest is written anew, and with it the bind groups that name it stay of use.

/** A buffer with the words of some call. */
export interface Uniform {
  readonly buffer: GPUBuffer;
  /** The words, as text. */
  key: string;
  /** Calls of programs that replay with these words. */
  pins: number;
}

/** Of one size. `idle` is in order of use. */
interface Shelf {
  idle: Map<string, Uniform>;
  pinned: Map<string, Uniform>;
}

/**
 * Idle buffers kept of each size. More than a Gpu records before it submits, so that no recorded call still waits for the words of the one that is written anew:
 * what was submitted before reads the old words, since the queue runs in order.
 */
export const MOST_IDLE = 512;

export class UniformCache {
  private readonly device: GPUDevice;
  private readonly shelves = new Map<number, Shelf>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** A buffer that holds `content`. */
  get(content: ArrayBuffer): Uniform {
    const shelf = this.shelf(content.byteLength);
    const key = new Uint32Array(content).join();
    const known = shelf.idle.get(key) ?? shelf.pinned.get(key);
    const uniform = known ?? this.make(shelf, key, content);
    if (uniform.pins === 0) {
      shelf.idle.delete(key);
      shelf.idle.set(key, uniform);
    }
    return uniform;
  }

  /** Keeps the words until unpin(). */
  pin(uniform: Uniform): void {
    if (uniform.pins++ > 0) return;
    const { idle, pinned } = this.shelf(uniform.buffer.size);
    idle.delete(uniform.key);
    pinned.set(uniform.key, uniform);
  }

  unpin(uniform: Uniform): void {
    if (--uniform.pins > 0) return;
    const { idle, pinned } = this.shelf(uniform.buffer.size);
    pinned.delete(uniform.key);
    idle.set(uniform.key, uniform);
  }

  private shelf(bytes: number): Shelf {
    let shelf = this.shelves.get(bytes);
    if (!shelf) {
      shelf = { idle: new Map(), pinned: new Map() };
      this.shelves.set(bytes, shelf);
    }
    return shelf;
  }

  private make({ idle }: Shelf, key: string, content: ArrayBuffer): Uniform {
    if (idle.size >= MOST_IDLE) {
      const [oldest] = idle.values();
      idle.delete(oldest.key);
      oldest.key = key;
      this.device.queue.writeBuffer(oldest.buffer, 0, content);
      return oldest;
    }
    const buffer = this.device.createBuffer({
      label: 'params',
      size: content.byteLength,
      usage: 0x40 | 0x08 /* UNIFORM | COPY_DST */,
      mappedAtCreation: true,
    });
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(content));
    buffer.unmap();
    return { buffer, key, pins: 0 };
  }
}
