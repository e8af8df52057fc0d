// An index while it grows: arrays of numbers that double when they are full, so that a million images are a few arrays at every moment.
import { type IndexHead, PackedIndex } from './packed-index.ts';

type Growable = Float64Array | Uint32Array | Uint16Array | Uint8Array;

class Growing<T extends Growable> {
  length = 0;
  private array: T;
  private readonly make: new (
    length: number,
  ) => T;

  constructor(make: new (length: number) => T) {
    this.make = make;
    this.array = new make(1024);
  }

  push(value: number): void {
    this.reserve(1);
    this.array[this.length++] = value;
  }

  append(values: Uint8Array): void {
    this.reserve(values.length);
    this.array.set(values, this.length);
    this.length += values.length;
  }

  /** What is there, without a copy. */
  get values(): T {
    return this.array.subarray(0, this.length) as T;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.array.length) return;
    const larger = new this.make(Math.max(this.array.length * 2, this.length + more));
    larger.set(this.array);
    this.array = larger;
  }
}

/** Collects items, container by container. */
export class IndexBuilder {
  private readonly places: IndexHead['places'];
  private readonly containers: { path: string; inside?: string }[] = [];
  private readonly offsets = new Growing(Float64Array);
  private readonly lengths = new Growing(Uint32Array);
  private readonly nameEnds = new Growing(Uint32Array);
  private readonly starts = new Growing(Uint32Array);
  private readonly labels = new Growing(Uint16Array);
  private readonly names = new Growing(Uint8Array);

  constructor(places: IndexHead['places']) {
    this.places = places;
  }

  get count(): number {
    return this.nameEnds.length;
  }

  /** The labels of all items so far: those of a set whose classes are known at its end are put right there. */
  get allLabels(): Uint16Array {
    return this.labels.values;
  }

  /** What is added from now on lies in here. */
  open(path: string, inside?: string): void {
    this.containers.push(inside === undefined ? { path } : { path, inside });
    this.starts.push(this.count);
  }

  add(name: string, label: number, at = 0, bytes = 0): void {
    this.names.append(Buffer.from(name));
    this.nameEnds.push(this.names.length);
    this.labels.push(label);
    if (this.places === 'files') return;
    this.offsets.push(at);
    // What is larger is no image, and refused when it is read.
    this.lengths.push(Math.min(bytes, 0xffffffff));
  }

  /** The index. `watched` says what must be as it was for the index to hold. */
  finish(folders: readonly string[], notes: readonly string[], watched: unknown): PackedIndex {
    const { places, containers, count, names } = this;
    const head: IndexHead = { places, containers, folders, notes, count, nameBytes: names.length };
    this.starts.push(count);
    return PackedIndex.make(
      head,
      {
        offsets: this.offsets.values,
        lengths: this.lengths.values,
        nameEnds: this.nameEnds.values,
        starts: this.starts.values,
        labels: this.labels.values,
        names: names.values,
      },
      watched,
    );
  }
}
