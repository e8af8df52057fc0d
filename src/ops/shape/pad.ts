// Margins around a tensor: of one value, of what is inside mirrored, or of its edges. Backward gives each value what its copies got.
import { needArguments } from '../../gpu/index.ts';
import { empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { padEdge } from './kernels/pad-edge.ts';
import { bitsOf, needWords } from './kernels/words.ts';
import { reshaped } from './reshape.ts';
import { copyBox } from './window.ts';

/** What margins are made of: `constant`, one value; `reflect`, the inside mirrored about its first and last value, which are not repeated; `replicate`, these. */
export type PadMode = 'constant' | 'reflect' | 'replicate';

/**
 * x with `margins[i]` = [elements before, elements behind] along side i, f32, f16 or u32. `mode` (default constant) with `value` (default 0) for constants: NumPy's modes
 * constant, reflect and edge, torch's constant, reflect and replicate. Throws TensorError, also for margins to be reflected that are as long as the side.
 */
export function pad(
  x: Tensor,
  margins: readonly (readonly [number, number])[],
  { mode = 'constant', value = 0 }: { mode?: PadMode; value?: number } = {},
): Tensor {
  needWords('pad', x);
  needArguments('pad', 'a list', { margins });
  const { shape } = x;
  const refuse = (why: string): never => {
    throw new TensorError(`pad: ${x.label} ${shapeText(shape)} ${why}`);
  };
  if (margins.length !== shape.length || margins.flat().some((n) => !Number.isInteger(n) || n < 0))
    refuse(`takes ${shape.length} pairs of whole numbers from 0, got ${JSON.stringify(margins)}`);
  if (!['constant', 'reflect', 'replicate'].includes(mode)) refuse(`takes constant, reflect or replicate, not ${mode}`);
  if (x.dtype === 'u32' && !(Number.isInteger(value) && value >= 0 && value < 2 ** 32))
    refuse(`is u32, which cannot hold the value ${value}`);
  if (mode === 'reflect' && margins.some((pair, i) => Math.max(...pair) >= shape[i]))
    refuse(`cannot be reflected into margins as long as its sides, ${JSON.stringify(margins)}`);
  if (mode === 'constant') return constant(x, margins, value);
  if (margins.flat().every((n) => n === 0)) return reshaped('pad', x, shape);
  const sides = margins.flatMap(([low, high], axis) => (low + high > 0 ? [{ axis, low, high }] : []));
  const padded = (sides: readonly { axis: number; low: number; high: number }[]): number[] =>
    sides.reduce<number[]>((full, { axis, low, high }) => full.with(axis, full[axis] + low + high), [...shape]);
  const mirrored = mode === 'reflect';
  const steps = sides.map((side, i) => ({
    ...{ ...side, mirrored },
    inside: padded(sides.slice(0, i)),
    outside: padded(sides.slice(0, i + 1)),
  }));
  const y = empty(x.gpu, padded(sides), 'pad', x.dtype);
  padEdge('forward', x, y, steps);
  return record('pad', y, [x], (gradient, sink) => sink.write(0, (out) => padEdge('backward', gradient, out, steps)));
}

function constant(x: Tensor, margins: readonly (readonly [number, number])[], value: number): Tensor {
  const { shape } = x;
  const y = empty(
    x.gpu,
    shape.map((n, i) => margins[i][0] + n + margins[i][1]),
    'pad',
    x.dtype,
  );
  const zero = shape.map(() => 0);
  const low = margins.map(([before]) => before);
  copyBox(
    x,
    y,
    y.shape,
    low.map((n) => -n),
    zero,
    bitsOf(value, x.dtype),
  );
  return record('pad', y, [x], (gradient, sink) => sink.write(0, (out) => copyBox(gradient, out, shape, low, zero)));
}
