// A file as the pixels that a network was evaluated on when it was trained: by Pillow's interpolation where that is known, else as decodeImage() does.
import { needArguments } from '../../gpu/index.ts';
import { readWhole, unreadable } from '../../io/index.ts';
import { ImageDecodeError } from '../errors.ts';
import { decodeImage } from '../image/decode.ts';
import { decodeForEvaluation } from './decode-planned.ts';
import type { Interpolation } from './resample.ts';

/** How pictures come to a network: the short side to `resize` pixels (default `size`), then the middle size × size. */
export interface PictureWay {
  size: number;
  resize?: number | undefined;
  /** As Pillow's; without it decodeImage()'s. */
  interpolation?: Interpolation | undefined;
}

/** u8 size × size × 3. Throws as decodeImage() does. */
export async function decodeFile(file: string, way: PictureWay): Promise<Uint8Array> {
  needArguments('decodeFile', 'a text', { file });
  needArguments('decodeFile', 'an object', { way });
  const { size, resize = size, interpolation } = way;
  if (interpolation === undefined) return (await decodeImage(file, size, resize)).pixels;
  const bytes = await readWhole(file, true).catch((error) => {
    throw new ImageDecodeError(file, unreadable(error));
  });
  return decodeForEvaluation({ name: file, bytes }, { size, resize, interpolation });
}
