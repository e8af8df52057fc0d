// The errors of the data floor. Each names the file, the byte or the setting, and says what to do about it.
import { AstroError } from '../gpu/index.ts';

/** A folder or one of its files is not where it was said to be. */
export class DataNotFoundError extends AstroError {}

/** A CIFAR-10 file that is not what its format says: `byte` is the offset of the first bad byte where one can be named. */
export class CifarFormatError extends AstroError {
  /** The file. */
  readonly file: string;
  /** Offset of the first bad byte; undefined where only the file as a whole is wrong. */
  readonly byte: number | undefined;
  constructor(file: string, reason: string, byte?: number) {
    super(`${file}: ${reason}`);
    this.file = file;
    this.byte = byte;
  }
}

/** A folder of images that no data set can be made of; the message starts with the folder or file that is to blame. */
export class ImageFolderError extends AstroError {
  /** The folder or file that is to blame. */
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/** A set of images on the disk that cannot be opened, or an image of it that cannot be read; the message starts with the folder, archive or image that is to blame. */
export class ImageSourceError extends AstroError {
  /** The folder, archive or image that is to blame. */
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/** A file that cannot be decoded as an image. */
export class ImageDecodeError extends AstroError {
  /** The file, or the archive with the entry in it. */
  readonly file: string;
  /** Why it cannot be decoded, without its name. */
  readonly reason: string;
  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.file = file;
    this.reason = reason;
  }
}

/** A file of COCO annotations that is damaged; the message names the entry. */
export class CocoFormatError extends AstroError {
  /** The file of annotations. */
  readonly file: string;
  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.file = file;
  }
}

/** An archive that is damaged, too large, or holds a path outside its folder. */
export class ArchiveError extends AstroError {
  /** The archive. */
  readonly file: string;
  /** What is wrong with it, without its name. */
  readonly reason: string;
  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.file = file;
    this.reason = reason;
  }
}

/** A download that did not arrive, or not as its checksum says. */
export class DownloadError extends AstroError {}

/** A worker thread of an image loader that ended before its time. */
export class LoaderError extends AstroError {}

/** A selection of images that the set does not hold. */
export class ImageRangeError extends AstroError {}

/** Arrays in memory that no batches can be made of; the message names the array. */
export class ArrayDataError extends AstroError {}
