// The three directions of a convolution on slices of GPU memory: which kernel does the job, by a fixed table or as measured by the tuner.
import type { Candidate, Gpu, Slice } from '../../gpu/index.ts';
import { type ConvGeometry, convKey, inputCount, outputCount, weightCount } from './conv-geometry.ts';
import { convPlain } from './conv-plain.ts';
import { stationaryData, stationaryFits, stationaryForward, stationaryWeight } from './conv-stationary.ts';
import { tiledData, tiledFits, tiledForward, tiledWeight } from './conv-tiled.ts';

type Kernel = (gpu: Gpu, g: ConvGeometry, a: Slice, b: Slice, out: Slice) => void;

/** y ← x ∗ w. */
export function convForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice): void {
  const counts = [inputCount(g), weightCount(g), outputCount(g)];
  pick(gpu, 'forward', g, counts, stationaryForward, tiledForward, [x, w, y]);
}

/** dx ← the gradient of the input, from the output's. Also the transposed convolution of dy. */
export function convDataGradient(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice): void {
  const counts = [outputCount(g), weightCount(g), inputCount(g)];
  pick(gpu, 'dataGradient', g, counts, stationaryData, tiledData, [dy, w, dx]);
}

/** dw ← the gradient of the weight, from the output's. */
export function convWeightGradient(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice): void {
  const counts = [inputCount(g), outputCount(g), weightCount(g)];
  pick(gpu, 'weightGradient', g, counts, stationaryWeight, tiledWeight, [x, dy, dw]);
}

/** The fixed table: on a software adapter the stationary form, on a GPU tiles, and the plain kernel where there are groups. */
function pick(
  gpu: Gpu,
  direction: 'forward' | 'dataGradient' | 'weightGradient',
  g: ConvGeometry,
  counts: number[],
  stationary: Kernel,
  tiled: Kernel,
  slices: Slice[],
): void {
  const made = (name: string, kernel: Kernel): Candidate => ({ name, run: ([a, b, out]) => kernel(gpu, g, a, b, out) });
  const candidates = [
    ...(stationaryFits(gpu, g) ? [made('stationary', stationary)] : []),
    ...(tiledFits(g) ? [made('tiled', tiled)] : []),
    { name: 'plain', run: (given: Slice[]) => convPlain(gpu, direction, g, given) },
  ];
  const sizes = counts.map((count) => count * 4);
  gpu.tuner.pick({ key: convKey(direction, g), sizes, candidates }).run(slices);
}
