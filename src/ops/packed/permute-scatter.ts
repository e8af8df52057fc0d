// Values put in other places: the way into an image that holds many, and the way out.
import { params } from '../../gpu/index.ts';
import {
  count,
  empty,
  needDType,
  record,
  type Shape,
  shapeText,
  stretched,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';

/** Marks a place that nothing comes to. */
export const NOWHERE = 0xffffffff;

/** Both directions of a rearrangement: u32, for every target its source, and for every source its target, NOWHERE for none. */
export interface Places {
  sources: Tensor;
  targets: Tensor;
}

/** y of `shape` with y[i] = x[sources[i]], 0 for NOWHERE, f32. Each source goes to one target at most. Throws TensorError. */
export function rearrange(x: Tensor, shape: Shape, { sources, targets }: Places): Tensor {
  needDType('rearrange', 'f32', x);
  needDType('rearrange', 'u32', sources, targets);
  if (sources.size !== count(shape) || targets.size !== x.size)
    throw new TensorError(
      `rearrange: from ${x.label} ${shapeText(x.shape)} to ${shapeText(shape)} takes ${count(shape)} sources and ${x.size} targets, ` +
        `there are ${sources.size} and ${targets.size}`,
    );
  const y = empty(x.gpu, shape, 'rearrange');
  move(x, sources, y);
  return record('rearrange', y, [x], (gradient, sink) => sink.write(0, (out) => move(gradient, targets, out)));
}

function move(x: Tensor, places: Tensor, y: Tensor): void {
  const elements = count(y.shape);
  y.gpu.run({
    shader: 'packed/permute_scatter',
    ...stretched(y.gpu, elements),
    bindings: [x.slice, places.slice, y.slice],
    params: params(elements, x.size),
    cost: { flops: 0, bytes: 2 * y.bytes + places.bytes },
  });
}
