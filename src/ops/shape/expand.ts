// Values that repeat: along sides of 1, as whole blocks, or each by itself. Backward sums what was repeated, in f32.
import { needArguments } from '../../gpu/index.ts';
import {
  axisOf,
  count,
  empty,
  needTensors,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { sumInto } from '../reduce/sum-into.ts';
import { move, stepsOf } from './kernels/move.ts';
import { needWords } from './kernels/words.ts';
import { reshaped } from './reshape.ts';

/**
 * x repeated along its sides of 1, and along new ones before them, to `shape`, where −1 keeps a side of x: NumPy's broadcasting. A copy where anything repeats, f32, f16 or u32. An op with two
 * operands broadcasts by itself, without one. Throws TensorError.
 */
export function expand(x: Tensor, shape: Shape): Tensor {
  needTensors('expand', x);
  needArguments('expand', 'a list', { shape });
  const more = shape.length - x.shape.length;
  const own = [...new Array<number>(Math.max(0, more)).fill(1), ...x.shape];
  const full = shape.map((n, i) => (n === -1 && i >= more ? own[i] : n));
  if (more < 0 || full.some((n, i) => n < 1 || (own[i] !== n && own[i] !== 1)))
    throw new TensorError(`expand: ${x.label} ${shapeText(x.shape)} does not become ${shapeText(shape)} by repeating`);
  return repeated(
    'expand',
    x,
    full.map((n, i) => [n, own[i]]),
    full,
  );
}

/** expand() by NumPy's name. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => expand(x, shape);

/**
 * x as a whole repeated `times[i]` times along side i, as numpy.tile and torch.tile: times that are missing at the front are 1, and so are sides of x. A copy, f32, f16 or
 * u32. Throws TensorError.
 */
export function tile(x: Tensor, times: readonly number[]): Tensor {
  needTensors('tile', x);
  needArguments('tile', 'a list', { times });
  const rank = Math.max(x.shape.length, times.length);
  const lined = (list: readonly number[]): number[] => [...new Array<number>(rank - list.length).fill(1), ...list];
  const [own, each] = [lined(x.shape), lined(times)];
  needTimes('tile', x, times);
  return repeated(
    'tile',
    x,
    own.flatMap((n, i) => [
      [each[i], 1],
      [n, n],
    ]),
    own.map((n, i) => n * each[i]),
  );
}

/** Each element along `axis` repeated `times` times, one copy beside the other, as numpy.repeat and torch.repeat_interleave. A copy, f32, f16 or u32. Throws TensorError. */
export function repeat(x: Tensor, times: number, axis: number): Tensor {
  const along = axisOf('repeat', x, axis);
  needTimes('repeat', x, [times]);
  return repeated(
    'repeat',
    x,
    x.shape.flatMap((n, i) =>
      i === along
        ? [
            [n, n],
            [times, 1],
          ]
        : [[n, n]],
    ),
    x.shape.map((n, i) => (i === along ? n * times : n)),
  );
}

function needTimes(op: string, x: Tensor, times: readonly number[]): void {
  if (times.some((n) => !Number.isInteger(n) || n < 1))
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)} cannot be repeated [${times}] times; whole numbers from 1 can be`,
    );
}

/** y of `shape` by sides [in y, in x]: those of 1 in x repeat. */
function repeated(op: string, x: Tensor, sides: readonly (readonly number[])[], shape: Shape): Tensor {
  needWords(op, x);
  const [full, own] = [sides.map(([n]) => n), sides.map(([, n]) => n)];
  if (count(full) === x.size) return reshaped(op, x, shape);
  const [from, to] = [stepsOf(own), stepsOf(full)];
  const y = empty(x.gpu, shape, op, x.dtype);
  move(x, y, { sides: full.map((n, i) => ({ n, from: own[i] === n ? from[i] : 0, to: to[i] })) });
  return record(op, y, [x], (gradient, sink) =>
    sink.write(0, (out) => {
      const [given, target] = [gradient.alias(full), out.alias(own)];
      sumInto(given, target);
      given.release();
      target.release();
    }),
  );
}
