// What a capture can record: a plain function. Of one that goes on later, what runs behind its first await runs when the capture is over, and would be missing in silence.
import { CaptureError } from '../device/errors.ts';

const AWAITS = 'of an async function, and would end at its first await: record without awaiting';
const KINDS: Record<string, string> = {
  '[object AsyncFunction]': AWAITS,
  '[object GeneratorFunction]':
    'of a generator function, which runs only when it is asked for values: take a plain one',
  '[object AsyncGeneratorFunction]':
    'of an async generator function, which runs only when it is asked for values: take a plain one',
};

/** Runs `fn`. Throws CaptureError for what is no function, before one that goes on later is run, and after one that returns a promise, or anything that is awaited. */
export function runPlain(label: string, fn: unknown): void {
  if (typeof label !== 'string' || typeof fn !== 'function')
    throw new CaptureError(`capture takes a label and a function, not ${typeof label} and ${typeof fn}`);
  const kind = KINDS[Object.prototype.toString.call(fn)];
  if (kind) throw new CaptureError(`the capture of ${label} is ${kind}`);
  const result: unknown = fn();
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return;
  Promise.resolve(result).catch(() => {}); // it failed with the capture
  throw new CaptureError(`the capture of ${label} is ${AWAITS}`);
}
