// A file as the pixels that a network was evaluated on when it was trained: by Pillow's interpolation where that is known, else as decodeImage() does.
import { needArguments } from '../../gpu/index.ts';
import { readPictureFile } from '../image/decode.ts';
import { decodeForEvaluation } from './decode-planned.ts';
import type { EncodedImage } from './read-rgb.ts';
import type { Interpolation } from './resample.ts';

/** How pictures come to a network: the short side to `resize` pixels (default `size`), then the middle size × size. */
export interface PictureWay {
  size: number;
  resize?: number | undefined;
  /** As Pillow's; without it decodeImage()'s. */
  interpolation?: Interpolation | undefined;
}

/** u8 size × size × 3 of a file, or of the bytes of one. Throws as decodeForEvaluation() does. */
export async function decodeFile(file: string | EncodedImage, way: PictureWay): Promise<Uint8Array> {
  if (typeof file !== 'object') needArguments('decodeFile', 'a text', { file });
  needArguments('decodeFile', 'an object', { way });
  const { size, resize = size, interpolation = 'decoder' } = way;
  const encoded = typeof file === 'string' ? { name: file, bytes: await readPictureFile(file) } : file;
  return decodeForEvaluation(encoded, { size, resize, interpolation });
}
