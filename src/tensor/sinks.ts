// For kernels that make several gradients in one walk: all targets are opened before they run.
import type { Sink } from './autograd.ts';
import { empty, type Tensor } from './tensor.ts';

/** As sink.write; where nobody wants the gradient of the i-th input, `fill` gets memory as large as that input, which is thrown away. */
export function writeOrDiscard(sink: Sink, i: number, input: Tensor, fill: (out: Tensor) => void): void {
  if (sink.wants(i)) {
    sink.write(i, fill);
    return;
  }
  const unwanted = empty(input.gpu, input.shape, 'unwanted gradient', input.dtype);
  fill(unwanted);
  unwanted.release();
}

/** Opens the gradients of several inputs together. Inputs whose gradient nobody wants are left out. */
export function writeAll(
  sink: Sink,
  inputs: readonly number[],
  use: (open: { input: number; out: Tensor }[]) => void,
): void {
  const step = ([input, ...rest]: readonly number[], open: { input: number; out: Tensor }[]): void => {
    if (input === undefined) use(open);
    else if (sink.wants(input)) sink.write(input, (out) => step(rest, [...open, { input, out }]));
    else step(rest, open);
  };
  step(inputs, []);
}
