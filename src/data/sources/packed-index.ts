// Where the images of a set lie, in one block of memory that threads share and a file holds as it is: 1.3 million images must not be as many objects. An item takes
// 6 bytes and its name in a folder, 18 and its name in an archive: of ImageNet 33 and 49 MB.
import { createHash } from 'node:crypto';

/** What is said once of an index. */
export interface IndexHead {
  /** What the items lie in: files of folders, or parts of archives. */
  places: 'files' | 'archives';
  /** Folders or archives, as paths from the root, and for an archive inside of one its name. */
  containers: readonly { path: string; inside?: string }[];
  /** Classes by label, as their folders are named (synsets). */
  folders: readonly string[];
  /** Items that were left out when the index was made, in words. */
  notes: readonly string[];
  count: number;
  nameBytes: number;
}

/** Where the bytes of an item are. */
export interface ItemPlace {
  /** From the root. */
  path: string;
  /** Of an item in an archive. */
  at?: number;
  bytes?: number;
}

const MAGIC = Buffer.from('ASTROIX1');
const DIGEST = 32;
const HEAD_AT = MAGIC.length + DIGEST + 8;

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** The arrays behind the head, in an order that aligns them. */
function layout({ places, containers, count, nameBytes }: IndexHead, from: number) {
  const parts = places === 'archives' ? count : 0;
  const offsets = aligned(from);
  const lengths = offsets + parts * 8;
  const nameEnds = lengths + parts * 4;
  const starts = nameEnds + count * 4;
  const labels = starts + (containers.length + 1) * 4;
  const names = labels + count * 2;
  return { parts, offsets, lengths, nameEnds, starts, labels, names, end: names + nameBytes };
}

/** A readable index. Items are addressed by number; the arrays are views of `buffer`. */
export class PackedIndex {
  readonly buffer: SharedArrayBuffer;
  readonly head: IndexHead;
  private readonly offsets: Float64Array;
  private readonly lengths: Uint32Array;
  private readonly nameEnds: Uint32Array;
  /** The first item of each container, and the number of all. */
  private readonly starts: Uint32Array;
  private readonly labels: Uint16Array;
  private readonly names: Uint8Array;

  private constructor(buffer: SharedArrayBuffer, head: IndexHead, from: number) {
    const at = layout(head, from);
    this.buffer = buffer;
    this.head = head;
    this.offsets = new Float64Array(buffer, at.offsets, at.parts);
    this.lengths = new Uint32Array(buffer, at.lengths, at.parts);
    this.nameEnds = new Uint32Array(buffer, at.nameEnds, head.count);
    this.starts = new Uint32Array(buffer, at.starts, head.containers.length + 1);
    this.labels = new Uint16Array(buffer, at.labels, head.count);
    this.names = new Uint8Array(buffer, at.names, head.nameBytes);
  }

  /** An index of arrays as a builder has them; `starts` has one entry more than there are containers. */
  static make(
    head: IndexHead,
    { offsets, lengths, nameEnds, starts, labels, names }: IndexArrays,
    watched: unknown,
  ): PackedIndex {
    const text = Buffer.from(JSON.stringify({ ...head, watched }));
    const at = layout(head, HEAD_AT + text.length);
    const buffer = new SharedArrayBuffer(at.end);
    const bytes = new Uint8Array(buffer);
    bytes.set(MAGIC);
    new DataView(buffer).setUint32(MAGIC.length + DIGEST, text.length, true);
    bytes.set(text, HEAD_AT);
    if (at.parts > 0) {
      new Float64Array(buffer, at.offsets, at.parts).set(offsets);
      new Uint32Array(buffer, at.lengths, at.parts).set(lengths);
    }
    new Uint32Array(buffer, at.nameEnds, head.count).set(nameEnds);
    new Uint32Array(buffer, at.starts, starts.length).set(starts);
    new Uint16Array(buffer, at.labels, head.count).set(labels);
    bytes.set(names, at.names);
    bytes.set(digestOf(bytes), MAGIC.length);
    return new PackedIndex(buffer, head, HEAD_AT + text.length);
  }

  /** An index that another thread made. */
  static share(buffer: SharedArrayBuffer): PackedIndex {
    const { head, from } = readHead(buffer);
    return new PackedIndex(buffer, head, from);
  }

  /** An index as a file holds it, and what it was made of; undefined for one of another version, and for one that is damaged. */
  static parse(buffer: SharedArrayBuffer): { index: PackedIndex; watched: unknown } | undefined {
    const bytes = new Uint8Array(buffer);
    if (bytes.length < HEAD_AT || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) return undefined;
    if (!digestOf(bytes).equals(bytes.subarray(MAGIC.length, MAGIC.length + DIGEST))) return undefined;
    const { head, watched, from } = readHead(buffer);
    return { index: new PackedIndex(buffer, head, from), watched };
  }

  get count(): number {
    return this.head.count;
  }

  label(item: number): number {
    return this.labels[item];
  }

  /** The name of an item in its container. */
  name(item: number): string {
    const from = item === 0 ? 0 : this.nameEnds[item - 1];
    return Buffer.from(this.names.slice(from, this.nameEnds[item])).toString('utf8');
  }

  container(item: number): { path: string; inside?: string } {
    let [low, high] = [0, this.head.containers.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle] <= item) low = middle;
      else high = middle - 1;
    }
    return this.head.containers[low];
  }

  place(item: number): ItemPlace {
    const { path } = this.container(item);
    if (this.head.places === 'files') return { path: `${path}/${this.name(item)}` };
    return { path, at: this.offsets[item], bytes: this.lengths[item] };
  }
}

/** The arrays of an index. Those of places are empty for files. */
export interface IndexArrays {
  offsets: Float64Array;
  lengths: Uint32Array;
  nameEnds: Uint32Array;
  starts: Uint32Array;
  labels: Uint16Array;
  names: Uint8Array;
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256')
    .update(bytes.subarray(MAGIC.length + DIGEST))
    .digest();
}

function readHead(buffer: SharedArrayBuffer): { head: IndexHead; watched: unknown; from: number } {
  const length = new DataView(buffer).getUint32(MAGIC.length + DIGEST, true);
  const text = Buffer.from(new Uint8Array(buffer, HEAD_AT, length).slice()).toString('utf8');
  const { watched, ...head } = JSON.parse(text);
  return { head, watched, from: HEAD_AT + length };
}
