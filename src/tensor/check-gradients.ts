// Gradients against central differences: how one knows that a backward pass is right, of an op or of a whole network.
import { needArguments } from '../gpu/index.ts';
import { backward } from './autograd.ts';
import { needTensors } from './checks.ts';
import { normalArray, permutation } from './random.ts';
import { scope } from './scope.ts';
import { Tensor, TensorError, tensor } from './tensor.ts';

/** A gradient that differs from what the values say. */
export class GradientError extends TensorError {}

/** How gradients are checked. */
export interface GradientCheckOptions {
  /** Half of the distance between two values, for inputs around 1; larger ones move further. Default 1e-2, for f16 6e-2: less drowns in rounding. */
  eps?: number;
  /** Largest difference allowed, relative to the largest gradient of the input (at least 1e-3 of all inputs' largest). Default 1e-2, for f16 5e-2. */
  tolerance?: number;
  /** Elements tried of each input, drawn at random; all if there are fewer. Default 32. */
  samples?: number;
  /** Draws the elements and the weights of the result's elements. Default 1. */
  seed?: number;
}

/** The element whose gradient is furthest from the difference of values. */
export interface GradientCheck {
  /** Of the input. */
  label: string;
  /** Of the element. */
  index: number[];
  gradient: number;
  difference: number;
  /** Relative, as `tolerance` is. */
  error: number;
}

/**
 * Compares the gradients that backward() gives with central differences of the values, and returns the worst element; throws GradientError that names it where it is
 * beyond the tolerance. `fn` makes a tensor of any shape from the inputs, the same for the same values; inputs that are f32 or f16 are checked, all of them or, where some
 * require a gradient, those. They may as well be parameters that `fn` finds by itself. Their values are moved while it runs and put back; their `grad` stays as it is.
 *
 * @example
 * await checkGradients(cube, [tensor(gpu, [0.5, -1, 2])]); // { label: 'tensor', index: [2], gradient: 12, … }
 * await checkGradients((x) => network.forward(x), [x, network.layer.weight.tensor]);
 */
export async function checkGradients(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { eps, tolerance, samples = 32, seed = 1 }: GradientCheckOptions = {},
): Promise<GradientCheck> {
  needArguments('checkGradients', 'a function', { fn });
  needArguments('checkGradients', 'a list', { inputs });
  needTensors('checkGradients', ...inputs);
  const floats = inputs.filter(({ dtype }) => dtype === 'f32' || dtype === 'f16');
  const asked = floats.filter(({ requiresGrad }) => requiresGrad);
  const checked = asked.length > 0 ? asked : floats;
  if (checked.length === 0) throw new TensorError('checkGradients: there is no f32 or f16 input to check');
  const evaluate = async (): Promise<Float64Array> => {
    const y = scope(() => resultOf(fn(...inputs)));
    const values = Float64Array.from(await y.floats());
    if (!inputs.includes(y)) y.release();
    return values;
  };
  const before = await evaluate();
  // Weights that f16 holds, too.
  const upstream = normalArray(before.length, seed, 0).map((value) => Math.round(value * 64) / 64);
  const dot = (values: Float64Array): number => values.reduce((sum, value, i) => sum + value * upstream[i], 0);
  if ((await evaluate()).some((value, i) => !Object.is(value, before[i])))
    throw new TensorError(
      'checkGradients: the function gives other values for the same inputs, so differences say nothing',
    );

  const gradients = await gradientsOf(fn, inputs, checked, upstream);
  const most = (values: Iterable<number>): number =>
    Array.from(values, Math.abs).reduce((most, value) => (value > most && value < Infinity ? value : most), 0);
  const largest = gradients.map(most);
  const floor = Math.max(1e-3 * Math.max(...largest), Number.MIN_VALUE);
  let worst: GradientCheck | undefined;
  let excess = -1;
  for (const [i, input] of checked.entries()) {
    const half = input.dtype === 'f16';
    const values = await input.floats();
    const step = eps ?? (half ? 6e-2 : 1e-2);
    const found: { at: number; difference: number }[] = [];
    try {
      for (const at of permutation(values.length, seed, 1 + i).subarray(0, samples)) {
        const side = async (sign: number): Promise<[number, Float64Array]> => {
          const moved = values.slice();
          moved[at] += sign * step * Math.max(1, Math.abs(values[at]));
          input.set(moved);
          return [half ? (await input.floats())[at] : moved[at], await evaluate()];
        };
        const [above, high] = await side(1);
        const [below, low] = await side(-1);
        found.push({ at, difference: dot(high.map((value, k) => value - low[k])) / (above - below) });
      }
    } finally {
      input.set(values);
    }
    const scale = Math.max(most(found.map(({ difference }) => difference)), largest[i], floor);
    const limit = tolerance ?? (half ? 5e-2 : 1e-2);
    for (const { at, difference } of found) {
      const gradient = gradients[i][at];
      const gap = Math.abs(gradient - difference) / scale;
      const error = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
      if (error / limit <= excess) continue;
      excess = error / limit;
      worst = { label: input.label, index: placeOf(at, input.shape), gradient, difference, error };
    }
  }
  if (excess > 1) {
    const { label, index, gradient, difference, error } = worst!;
    throw new GradientError(
      `checkGradients: the gradient of ${label}[${index}] is ${short(gradient)}, differences of values give ${short(difference)}; that is off by ${short(error)} of its largest gradient`,
    );
  }
  return worst!;
}

/** By backward(), of the result weighted by `upstream`. */
async function gradientsOf(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  checked: readonly Tensor[],
  upstream: Float32Array,
): Promise<Float32Array[]> {
  const before = checked.map(({ requiresGrad, grad }) => ({ requiresGrad, grad }));
  for (const input of checked) Object.assign(input, { requiresGrad: true, grad: undefined });
  try {
    scope(() => {
      const y = resultOf(fn(...inputs));
      backward(y, { gradient: tensor(y.gpu, upstream, y.shape, 'weights of the result', y.dtype) });
    });
    return await Promise.all(checked.map(({ grad, size }) => grad?.floats() ?? new Float32Array(size)));
  } finally {
    for (const [i, input] of checked.entries()) {
      input.grad?.release();
      Object.assign(input, before[i]);
    }
  }
}

function resultOf(y: unknown): Tensor {
  if (y instanceof Tensor) return y;
  throw new TensorError(
    `checkGradients: the function must return a tensor, it returned ${y instanceof Promise ? 'a promise' : typeof y}`,
  );
}

function placeOf(at: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = at;
  for (let i = shape.length - 1; i >= 0; i--) {
    place.unshift(rest % shape[i]);
    rest = Math.floor(rest / shape[i]);
  }
  return place;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
