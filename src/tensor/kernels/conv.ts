// The three directions of a convolution on slices of GPU memory: which kernel does the job, by a fixed table or as measured by the tuner.
import type { Candidate, Gpu, Slice } from '../../gpu/index.ts';
import { type ConvGeometry, convKey, inputCount, outputCount, weightCount } from './conv-geometry.ts';
import { convPlain } from './conv-plain.ts';
import { stationaryData, stationaryFits, stationaryForward, stationaryWeight } from './conv-stationary.ts';

/** y ← x ∗ w. */
export function convForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice): void {
  const candidates = [
    ...(stationaryFits(gpu, g) ? [named('stationary', ([x, w, y]) => stationaryForward(gpu, g, x, w, y))] : []),
    named('plain', (slices) => convPlain(gpu, 'forward', g, slices)),
  ];
  pick(gpu, 'forward', g, [inputCount(g), weightCount(g), outputCount(g)], candidates, [x, w, y]);
}

/** dx ← the gradient of the input, from the output's. Also the transposed convolution of dy. */
export function convDataGradient(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice): void {
  const candidates = [
    ...(stationaryFits(gpu, g) ? [named('stationary', ([dy, w, dx]) => stationaryData(gpu, g, dy, w, dx))] : []),
    named('plain', (slices) => convPlain(gpu, 'dataGradient', g, slices)),
  ];
  pick(gpu, 'data', g, [outputCount(g), weightCount(g), inputCount(g)], candidates, [dy, w, dx]);
}

/** dw ← the gradient of the weight, from the output's. */
export function convWeightGradient(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice): void {
  const candidates = [
    ...(stationaryFits(gpu, g) ? [named('stationary', ([x, dy, dw]) => stationaryWeight(gpu, g, x, dy, dw))] : []),
    named('plain', (slices) => convPlain(gpu, 'weightGradient', g, slices)),
  ];
  pick(gpu, 'weight', g, [inputCount(g), outputCount(g), weightCount(g)], candidates, [x, dy, dw]);
}

const named = (name: string, run: (slices: Slice[]) => void): Candidate => ({ name, run });

function pick(
  gpu: Gpu,
  direction: string,
  g: ConvGeometry,
  counts: number[],
  candidates: Candidate[],
  slices: Slice[],
): void {
  const sizes = counts.map((count) => count * 4);
  gpu.tuner.pick({ key: convKey(direction, g), sizes, candidates }).run(slices);
}
