// The three directions of a convolution on slices of GPU memory, by the kernel that the fixed table or the tuner chooses.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import { bytesOf } from '../../../tensor/index.ts';
import { castThroughF32 } from '../../matmul/kernels/cast-through-f32.ts';
import { applyEpilogue, type Epilogue } from '../../matmul/kernels/epilogue.ts';
import { convKernels, type Direction } from './candidates.ts';
import { type ConvGeometry, convKey, inputCount, outputCount, storageOf, weightCount } from './geometry.ts';

/** y ← x ∗ w, and what the epilogue makes of it. */
export function convForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice, epilogue?: Epilogue): void {
  run(gpu, 'forward', g, [x, w, y], epilogue);
}

/** dx ← the gradient of the input, from the output's. Also the transposed convolution of dy. */
export function convDataGradient(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice): void {
  run(gpu, 'dataGradient', g, [dy, w, dx]);
}

/** dw ← the gradient of the weight, from the output's. */
export function convWeightGradient(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice): void {
  run(gpu, 'weightGradient', g, [x, dy, dw]);
}

const counts = (direction: Direction, g: ConvGeometry): number[] => {
  const [x, w, y] = [inputCount(g), weightCount(g), outputCount(g)];
  return { forward: [x, w, y], dataGradient: [y, w, x], weightGradient: [x, y, w] }[direction];
};

function run(gpu: Gpu, direction: Direction, g: ConvGeometry, slices: Slice[], epilogue: Epilogue = {}): void {
  const stored = storageOf(g);
  const elements = counts(direction, g);
  const result = direction === 'weightGradient' ? 'f32' : stored;
  const types = [stored, stored, result] as const;
  const kernels = convKernels(gpu, direction, g);
  // A software adapter's own kernels are f32.
  if (g.half && gpu.machine.matmul.stationary)
    kernels.unshift({
      name: 'widened',
      run: (given) =>
        castThroughF32(
          gpu,
          elements,
          result === 'f32',
          (made) => run(gpu, direction, { ...g, half: false }, made),
          given,
        ),
    });
  gpu.tuner
    .select({
      key: convKey(direction, g),
      sizes: elements.map((count, i) => count * bytesOf(types[i])),
      types,
      candidates: kernels.map(({ name, run, fuses, lowPrecision }) => ({
        name,
        lowPrecision,
        run: (given) => {
          run(given, epilogue);
          if (!fuses) applyEpilogue(gpu, given[2], g.n * g.ho * g.wo, g.co, epilogue, stored);
        },
      })),
    })
    .run(slices);
}
