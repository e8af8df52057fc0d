// What may follow a convolution or product at its store: per-channel scale and shift (a bias, or batch norm in evaluation), a residual, a ReLU.
// Kernels that can, do it themselves; `applyEpilogue` is a pass of its own for the others.
import { type Gpu, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, type Storage } from '../../../tensor/index.ts';
import { floorTypes } from '../../elementwise/floor-types.ts';

/** y = max(0, sum·scale[channel] + shift[channel] + residual), without the parts that are absent. */
export interface Epilogue {
  /** f32, one value a channel. */
  scale?: Slice;
  shift?: Slice;
  /** As large as y and stored as y is; not y's own memory. */
  residual?: Slice;
  relu?: boolean;
}

const TYPES = {
  f32: {
    1: { Sum: 'f32', Store: 'f32', StoreH: 'f32' },
    4: { Sum: 'vec4f', Store: 'vec4f', StoreH: 'vec4f' },
  },
  f16: {
    1: { Sum: 'f32', Store: 'f16', StoreH: 'f16' },
    4: { Sum: 'vec4f', Store: 'vec2u', StoreH: 'vec4h' },
  },
} as const;

/** The types of shaders/matmul/finish.wgsl for one value, or four, at a time. */
export const finishTypes = (stored: Storage, width: 1 | 4): Record<string, string> => ({
  ...TYPES[stored][width],
  ...floorTypes(TYPES[stored][width].Sum),
});

/** The constants and bindings of shaders/matmul/finish.wgsl; `spare` is any slice that the kernel only reads. */
export const finishing = ({ scale, shift, residual, relu = false }: Epilogue, spare: Slice) => ({
  constants: { SCALE: !!scale, SHIFT: !!shift, RESIDUAL: !!residual, RELU: relu },
  bindings: [scale ?? spare, shift ?? spare, residual ?? spare],
});

/** y [pixels, channels] ← the epilogue of y, in place. */
export function applyEpilogue(
  gpu: Gpu,
  y: Slice,
  pixels: number,
  channels: number,
  epilogue: Epilogue,
  stored: Storage,
): void {
  const { scale, shift, residual, relu } = epilogue;
  if (!scale && !shift && !residual && !relu) return;
  const given = scale ?? shift ?? residual;
  const unused = given ? undefined : gpu.allocate('epilogue', 16);
  launch(gpu, { planes: 1, pixels, channels, stored }, epilogue, given ?? unused!, y, undefined);
  if (unused) gpu.release(unused);
}

/** y [pixels, channels] ← the epilogue of the sum, first to last, of `planes` planes of f32, each as large as y. */
export function sumPlanes(
  gpu: Gpu,
  partial: Slice,
  planes: number,
  y: Slice,
  pixels: number,
  channels: number,
  stored: Storage,
  epilogue: Epilogue,
): void {
  launch(gpu, { planes, pixels, channels, stored }, epilogue, partial, y, partial);
}

function launch(
  gpu: Gpu,
  { planes, pixels, channels, stored }: { planes: number; pixels: number; channels: number; stored: Storage },
  epilogue: Epilogue,
  spare: Slice,
  y: Slice,
  partial: Slice | undefined,
): void {
  const { group, most, least } = gpu.machine.matmul.epilogue;
  const width = channels % 4 === 0 ? 4 : 1;
  const [length, period] = [(pixels * channels) / width, channels / width];
  const step = period * Math.ceil(group / period);
  const count = Math.max(1, Math.min(most, Math.floor(length / Math.max(step, least))));
  const chunk = step * Math.ceil(length / (step * count));
  const { constants, bindings } = finishing(epilogue, spare);
  const bytes = bytesOf(stored);
  gpu.run({
    shader: 'matmul/epilogue',
    constants: { GROUP: group, IN_PLACE: !partial, ...constants },
    types: finishTypes(stored, width),
    bindings: [...bindings, partial ?? spare, y],
    params: params(length, chunk, period, step, planes),
    grid: [Math.ceil(length / chunk)],
    cost: {
      flops: pixels * channels * (planes + 2),
      bytes: pixels * channels * ((partial ? 4 * planes : bytes) + bytes * (epilogue.residual ? 2 : 1)),
    },
    label: partial ? 'sum of splits' : 'epilogue',
  });
}
