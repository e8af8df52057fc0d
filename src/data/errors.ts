// The errors of the data floor. Each names the file, the byte or the option, and says what to do about it.
import { AstroError } from '../gpu/errors.ts';

/** A folder or one of its files is not where it was said to be. */
export class DataNotFoundError extends AstroError {}

/** A CIFAR-10 file that is not what its format says: `byte` is the offset of the first bad byte where one can be named. */
export class CifarFormatError extends AstroError {
  readonly file: string;
  readonly byte: number | undefined;
  constructor(file: string, reason: string, byte?: number) {
    super(`${file}: ${reason}`);
    this.file = file;
    this.byte = byte;
  }
}

/** A download that did not arrive, or not as its checksum says. */
export class DownloadError extends AstroError {}

/** A selection of images that the set does not hold. */
export class ImageRangeError extends AstroError {}
