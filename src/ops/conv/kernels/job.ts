// What a convolution asks of a kernel, and how a kernel answers: with one launch for each direction.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import type { Epilogue } from '../../matmul/kernels/epilogue.ts';
import type { ConvGeometry } from './geometry.ts';

export type Direction = 'forward' | 'dataGradient' | 'weightGradient';

export interface ConvJob {
  gpu: Gpu;
  g: ConvGeometry;
  direction: Direction;
  /** Forward only; elsewhere it is empty. */
  epilogue: Epilogue;
}

/** A kernel's launches. The last slice of each is overwritten completely; `form` is one of the kernel's forms in its list, if it has any there. */
export interface ConvLaunches<Form = unknown> {
  /** y ← x ∗ w, and the epilogue of that where the kernel applies it as it stores. */
  forward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice, form: Form, epilogue: Epilogue): void;
  /** dx ← the gradient of the input. */
  dataGradient(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice, form: Form): void;
  /** dw ← the gradient of the weight, f32 whatever the others are. */
  weightGradient(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice, form: Form): void;
}
