// Runs as COCO's compressed text: what its files hold of crowds, and what results are written in.
import type { MaskRuns } from './runs.ts';

/** A mask as it stands in a file of results: height and width, and the text of its runs. */
export interface CompressedMask {
  size: readonly [height: number, width: number];
  counts: string;
}

/** Digits are written as characters from '0' on. */
const ZERO = 48;
/** Of a digit: more follow; in the last one the sign. */
const MORE = 32;
const SIGN = 16;

/**
 * The compressed text of run lengths: base 32 with the low digits first, in characters from '0' on whose bit 5 says that more follow and whose bit 4, in the last, is the sign; from the
 * fourth number on, the difference to the one before the last.
 */
export function encodeRuns(counts: readonly number[]): string {
  let text = '';
  for (let i = 0; i < counts.length; i++) {
    let rest = i > 2 ? counts[i] - counts[i - 2] : counts[i];
    for (let more = true; more; ) {
      const digit = rest & 31;
      rest >>= 5;
      more = rest !== (digit & SIGN ? -1 : 0);
      text += String.fromCharCode(ZERO + digit + (more ? MORE : 0));
    }
  }
  return text;
}

/** The run lengths of a compressed text. Throws a plain Error if the text ends inside a number or has foreign characters. */
export function decodeRuns(text: string): number[] {
  const counts: number[] = [];
  let value = 0;
  let place = 1;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 63) throw new Error(`${JSON.stringify(text[i])} is no run length`);
    value += (digit & 31) * place;
    place *= 32;
    if (digit & MORE) continue;
    if (digit & SIGN) value -= place;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
    value = 0;
    place = 1;
  }
  if (place > 1) throw new Error('the text ends inside a run length');
  return counts;
}

/** A mask as results have it. */
export const compressMask = ({ width, height, counts }: MaskRuns): CompressedMask => ({
  size: [height, width],
  counts: encodeRuns(counts),
});

/** The runs of a mask of a file, whose counts are a text or numbers. Throws a plain Error where they are damaged or do not cover the mask. */
export function readRuns(size: readonly [number, number], counts: string | readonly number[]): MaskRuns {
  const runs = typeof counts === 'string' ? decodeRuns(counts) : counts;
  const [height, width] = size;
  let [total, isWhole] = [0, true];
  for (let i = 0; i < runs.length; i++) {
    total += runs[i];
    isWhole &&= runs[i] >= 0 && Number.isInteger(runs[i]);
  }
  if (total !== width * height || !isWhole) throw new Error(`its runs cover ${total} pixels of ${width * height}`);
  return { width, height, counts: runs };
}
