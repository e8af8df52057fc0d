// What bytes need on their way between CPU and GPU: buffers that the CPU can map, kept by size, for what is read; whole words for what is written.

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

/** The bytes as a queue takes them: of memory that is not shared, and filled up to whole words. */
export function writable(data: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const own =
    data.buffer instanceof ArrayBuffer
      ? data
      : new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const bytes = new Uint8Array(own.buffer as ArrayBuffer, own.byteOffset, own.byteLength);
  if (bytes.byteLength % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  return padded;
}
