// The three directions of a convolution on slices of GPU memory: which kernel does the job, by a fixed table or as measured by the tuner.
import type { Candidate, Gpu, Slice } from '../../gpu/index.ts';
import { type ConvGeometry, convKey, inputCount, outputCount, weightCount } from './conv-geometry.ts';
import { convPlain } from './conv-plain.ts';
import { stationaryData, stationaryFits, stationaryForward, stationaryWeight } from './conv-stationary.ts';
import { tiledData, tiledFits, tiledForward, tiledWeight } from './conv-tiled.ts';
import { widened } from './conv-widened.ts';

type Kernel = (gpu: Gpu, g: ConvGeometry, a: Slice, b: Slice, out: Slice) => void;
type Direction = 'forward' | 'dataGradient' | 'weightGradient';

const STATIONARY: Record<Direction, Kernel> = {
  forward: stationaryForward,
  dataGradient: stationaryData,
  weightGradient: stationaryWeight,
};
const TILED: Record<Direction, Kernel> = {
  forward: tiledForward,
  dataGradient: tiledData,
  weightGradient: tiledWeight,
};

/** y ← x ∗ w. */
export function convForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice): void {
  run(gpu, 'forward', g, [x, w, y]);
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

function run(gpu: Gpu, direction: Direction, g: ConvGeometry, slices: Slice[]): void {
  const types = counts(direction, g).map((_, i) =>
    g.half && !(direction === 'weightGradient' && i === 2) ? 'f16' : 'f32',
  );
  const sizes = counts(direction, g).map((count, i) => count * (types[i] === 'f16' ? 2 : 4));
  const candidates = g.half ? inHalf(gpu, direction, g) : inFull(gpu, direction, g);
  gpu.tuner.pick({ key: convKey(direction, g), sizes, types, candidates }).run(slices);
}

const plain = (gpu: Gpu, direction: Direction, g: ConvGeometry): Candidate => ({
  name: 'plain',
  run: (slices) => convPlain(gpu, direction, g, slices),
});

/** The fixed table: on a software adapter the stationary form, on a GPU tiles, and the plain kernel where there are groups. */
function inFull(gpu: Gpu, direction: Direction, g: ConvGeometry): Candidate[] {
  const made = (name: string, kernel: Kernel): Candidate => ({ name, run: ([a, b, out]) => kernel(gpu, g, a, b, out) });
  return [
    ...(stationaryFits(gpu, g) ? [made('stationary', STATIONARY[direction])] : []),
    ...(tiledFits(g) ? [made('tiled', TILED[direction])] : []),
    plain(gpu, direction, g),
  ];
}

/** On a software adapter, and where nothing else fits, through the f32 kernels. */
function inHalf(gpu: Gpu, direction: Direction, g: ConvGeometry): Candidate[] {
  const wide = direction === 'weightGradient';
  return [
    {
      name: 'widened',
      run: (slices) =>
        widened(gpu, g, counts(direction, g), wide, (full, made) => run(gpu, direction, full, made), slices),
    },
    plain(gpu, direction, g),
  ];
}
