// Buffers that the CPU can map, kept by size for copies from the GPU.

const SMALLEST = 256;

export class Staging {
  private readonly device: GPUDevice;
  private readonly spare = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  private static held = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(SMALLEST, bytes)));

  /** A buffer for `bytes` bytes at least. */
  take(bytes: number): GPUBuffer {
    const size = Staging.held(bytes);
    return (
      this.spare.get(size)?.pop() ??
      this.device.createBuffer({ label: 'staging', size, usage: 0x01 | 0x08 /* MAP_READ | COPY_DST */ })
    );
  }

  /** Takes a buffer back, unmapped. */
  give(buffer: GPUBuffer): void {
    const spare = this.spare.get(buffer.size);
    if (spare) spare.push(buffer);
    else this.spare.set(buffer.size, [buffer]);
  }
}
