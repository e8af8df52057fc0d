// Images somewhere on the disk, addressed by number: what each is called, its class and its bytes. Nothing is held of them but the index, and nothing is read before it
// is asked for.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AstroError } from '../../gpu/index.ts';
import { unreadable } from '../../io/index.ts';
import { ImageDecodeError, ImageSourceError } from '../errors.ts';
import { PackedIndex } from './packed-index.ts';
import { TarFile } from './tar-file.ts';

/** What another thread needs to open the same images: nothing of it is copied. */
export interface SharedSource {
  root: string;
  index: SharedArrayBuffer;
}

/** Of one image: what is larger is none that a network is trained on, and would be read to no end. */
const MOST_BYTES = 2 ** 28;
/** Archives that are open at a time; of others the one that was opened first is closed. */
const MOST_OPEN = 64;

/**
 * Images in class folders or archives, as openImageSource() finds them. Memory is the index: for each image 6 bytes and its name in folders, 18 and its name in archives, in
 * one block that threads share. close() it.
 */
export class ImageSource {
  /** Images of the source. */
  readonly count: number;
  /** Classes by label, as their folders are named (synsets). */
  readonly folders: readonly string[];
  /** What was left out when the index was made, in words. */
  readonly notes: readonly string[];
  /** What other threads open it by. */
  readonly shared: SharedSource;
  private readonly index: PackedIndex;
  private readonly root: string;
  private readonly archives = new Map<string, TarFile>();

  constructor(shared: SharedSource) {
    this.shared = shared;
    this.root = shared.root;
    this.index = PackedIndex.share(shared.index);
    this.count = this.index.count;
    this.folders = this.index.head.folders;
    this.notes = this.index.head.notes;
  }

  /** The class of an image. */
  label(item: number): number {
    return this.index.label(item);
  }

  /** The file of an image, or its archives and its entry, as errors name it: `train.tar: n01440764.tar: n01440764_18.JPEG`. */
  nameOf(item: number): string {
    const { path, inside } = this.index.container(item);
    const file = join(this.root, path);
    const name = this.index.name(item);
    if (this.index.head.places === 'files') return join(file, name);
    return [file, ...(inside === undefined ? [] : [inside]), name].join(': ');
  }

  /**
   * The bytes of an image as they lie on the disk, read at once. Throws ImageSourceError naming it where they cannot be read, ImageDecodeError where there are more than an
   * image has.
   */
  read(item: number): Uint8Array {
    const { path, at, bytes } = this.index.place(item);
    const file = join(this.root, path);
    const large = (size: number): void => {
      if (size > MOST_BYTES) throw new ImageDecodeError(this.nameOf(item), `${size} bytes are more than an image has`);
    };
    try {
      if (at === undefined) return readFile(file, large);
      large(bytes!);
      return this.archive(file).read(at, bytes!);
    } catch (error) {
      if (error instanceof ImageDecodeError) throw error;
      const reason = error instanceof AstroError ? error.message : unreadable(error);
      throw new ImageSourceError(this.nameOf(item), `${reason}; was the set changed since it was opened?`);
    }
  }

  /** Closes the archives. */
  close(): void {
    for (const archive of this.archives.values()) archive.close();
    this.archives.clear();
  }

  private archive(path: string): TarFile {
    const open = this.archives.get(path);
    if (open) return open;
    if (this.archives.size >= MOST_OPEN) {
      const [oldest] = this.archives.keys();
      this.archives.get(oldest)!.close();
      this.archives.delete(oldest);
    }
    const archive = new TarFile(path);
    this.archives.set(path, archive);
    return archive;
  }
}

function readFile(path: string, check: (size: number) => void): Uint8Array {
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    check(size);
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let read = -1; at < size && read !== 0; at += read) read = readSync(handle, bytes, at, size - at, at);
    return bytes.subarray(0, at);
  } finally {
    closeSync(handle);
  }
}
