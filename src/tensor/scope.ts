// Scopes free what was made inside them, so that nobody has to release every intermediate by hand.
import { AstroError, needArguments } from '../gpu/index.ts';
import type { Tensor } from './tensor.ts';

let current: Set<Tensor> | undefined;

/** A new tensor belongs to the innermost scope. */
export function enter(tensor: Tensor): void {
  current?.add(tensor);
}

/** Takes a tensor out of its scope: whoever keeps it releases it. */
export function keep<T extends Tensor>(tensor: T): T {
  current?.delete(tensor);
  return tensor;
}

/**
 * Runs `fn` and releases every tensor made inside, except those it returns (a tensor, an array or a record of tensors), which pass
 * to the scope around it. `fn` must be synchronous: a scope cannot tell apart what is made while it waits. Throws AstroError for one that is not.
 *
 * @example
 * const norm = scope(() => sum(mul(x, x))); // the squares are released, the sum is not
 */
export function scope<T>(fn: () => T): T {
  needArguments('scope', 'a function', { fn });
  const outer = current;
  const inner = new Set<Tensor>();
  current = inner;
  let result: T | undefined;
  try {
    result = fn();
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function')
      throw new AstroError(
        'scope() takes a synchronous function: what an async one makes behind its first await would not be released',
      );
    return result;
  } finally {
    current = outer;
    const returned = new Set(tensorsIn(result));
    for (const tensor of inner) {
      if (returned.has(tensor)) outer?.add(tensor);
      else tensor.release();
    }
  }
}

function tensorsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    return Object.values(value).flatMap(tensorsIn);
  return [value];
}
