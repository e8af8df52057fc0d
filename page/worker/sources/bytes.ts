// The bytes of a file that a person gave: it may have been moved, changed or closed to the browser since, of which each browser has a sentence of its own that names no file.
import { AstroError } from 'astrogpu/gpu';

/** Its bytes, or the first so many of them. `name` is what it is called in the error. Throws AstroError for a file that cannot be read. */
export async function bytesOf(file: File, name = file.name, most = file.size): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await (most < file.size ? file.slice(0, most) : file).arrayBuffer());
  } catch {
    throw new AstroError(`${name}: ${UNREADABLE}`);
  }
}

/** What there is to say of such a file, behind its name. */
export const UNREADABLE = 'the browser cannot read it; is it still there, and open to you? Choose it again';
