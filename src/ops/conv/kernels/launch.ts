// The three directions of a convolution on slices of GPU memory, by the kernel that the list or the tuner chooses.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import type { Epilogue } from '../../matmul/kernels/epilogue.ts';
import { convolve } from './candidates.ts';
import type { ConvGeometry } from './geometry.ts';

/** y ← x ∗ w, and what the epilogue makes of it. */
export function convForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice, epilogue: Epilogue = {}): void {
  convolve({ gpu, g, direction: 'forward', epilogue }, [x, w, y]);
}

/** dx ← the gradient of the input, from the output's. Also the transposed convolution of dy. */
export function convDataGradient(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice): void {
  convolve({ gpu, g, direction: 'dataGradient', epilogue: {} }, [dy, w, dx]);
}

/** dw ← the gradient of the weight, from the output's. */
export function convWeightGradient(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice): void {
  convolve({ gpu, g, direction: 'weightGradient', epilogue: {} }, [x, dy, dw]);
}
