// Work on many things at once where memory does: with half as many, and half again, until it fits.
import { OutOfMemoryError } from '../device/errors.ts';

/** Does `work` with `count`; where memory runs out, with half of that, down to 1. Throws OutOfMemoryError when not even one fits, with no advice to take fewer. */
export async function halving<T>(count: number, work: (count: number) => Promise<T>): Promise<T> {
  for (let now = count; ; now = Math.ceil(now / 2))
    try {
      return await work(now);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      if (now <= 1) throw error.advising('size', 'width');
    }
}
