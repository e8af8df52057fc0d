// The order of elements along some sides turned around, or shifted in a circle. Backward turns and shifts back.
import { axisOf, empty, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { move, stepsOf } from './kernels/move.ts';
import { needWords } from './kernels/words.ts';
import { copyBox } from './window.ts';

/** x with the order along `axes` (default: all) turned around. A copy, f32, f16 or u32. Throws TensorError. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  needWords('flip', x);
  const turned = [axes ?? [...x.shape.keys()]].flat().map((axis) => axisOf('flip', x, axis as number));
  const { shape } = x;
  const steps = stepsOf(shape);
  const sides = shape.map((n, i) => ({ n, from: turned.includes(i) ? -steps[i] : steps[i], to: steps[i] }));
  const from = shape.reduce((sum, n, i) => sum + (turned.includes(i) ? (n - 1) * steps[i] : 0), 0);
  const y = empty(x.gpu, shape, 'flip', x.dtype);
  move(x, y, { sides, from });
  return record('flip', y, [x], (gradient, sink) => sink.write(0, (out) => move(gradient, out, { sides, from })));
}

/**
 * x shifted in a circle: what stood at i along `axes[k]` stands at i + shifts[k], and what leaves at the end comes in at the beginning; as numpy.roll and torch.roll.
 * Shifts may be negative. A copy, f32, f16 or u32. Throws TensorError for axes that there are not, twice, or not as many as shifts.
 */
export function roll(x: Tensor, shifts: number | readonly number[], axes: number | readonly number[]): Tensor {
  needWords('roll', x);
  const [by, along] = [[shifts].flat() as number[], [axes].flat().map((axis) => axisOf('roll', x, axis as number))];
  if (by.length !== along.length || new Set(along).size < along.length || !by.every(Number.isInteger))
    throw new TensorError(
      `roll: ${x.label} ${shapeText(x.shape)} takes a whole number for each axis, got [${by}] for [${along}]`,
    );
  const { shape } = x;
  const offsets = shape.map((n, i) => {
    const shift = along.includes(i) ? by[along.indexOf(i)] : 0;
    return n === 0 ? 0 : ((shift % n) + n) % n;
  });
  const y = empty(x.gpu, shape, 'roll', x.dtype);
  rollInto(x, y, offsets);
  const back = offsets.map((shift, i) => shift && shape[i] - shift);
  return record('roll', y, [x], (gradient, sink) => sink.write(0, (out) => rollInto(gradient, out, back)));
}

/** Each side that is shifted falls into two pieces, so that k of them make 2ᵏ boxes. */
function rollInto(x: Tensor, y: Tensor, offsets: readonly number[]): void {
  let boxes: { size: number[]; begin: number[]; at: number[] }[] = [{ size: [], begin: [], at: [] }];
  x.shape.forEach((n, i) => {
    const shift = offsets[i];
    const pieces =
      shift === 0
        ? [[n, 0, 0]]
        : [
            [n - shift, 0, shift],
            [shift, n - shift, 0],
          ];
    boxes = boxes.flatMap(({ size, begin, at }) =>
      pieces.map(([length, first, place]) => ({
        size: [...size, length],
        begin: [...begin, first],
        at: [...at, place],
      })),
    );
  });
  for (const { size, begin, at } of boxes) copyBox(x, y, size, begin, at);
}
