// Values moved by index: the way into an image that holds many, and the way out.
import { needArguments, params } from '../../gpu/index.ts';
import {
  chunkLaunch,
  count,
  empty,
  needDType,
  record,
  type Shape,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';

/** In an IndexMap: nothing comes from there, or goes there. */
export const NO_INDEX = 0xffffffff;

/** Both directions of a rearrangement: u32, for every target its source, and for every source its target, NO_INDEX for none. */
export interface IndexMap {
  sources: Tensor;
  targets: Tensor;
}

/** y of `shape` with y[i] = x[sources[i]], 0 for NO_INDEX, f32. Each source goes to one target at most. Throws TensorError. */
export function permuteScatter(x: Tensor, shape: Shape, index: IndexMap): Tensor {
  needDType('permuteScatter', 'f32', x);
  needArguments('permuteScatter', 'a list', { shape });
  needArguments('permuteScatter', 'an object', { index });
  const { sources, targets } = index;
  needDType('permuteScatter', 'u32', sources, targets);
  if (sources.size !== count(shape) || targets.size !== x.size)
    throw new TensorError(
      `permuteScatter: from ${x.label} ${shapeText(x.shape)} to ${shapeText(shape)} takes ${count(shape)} sources and ${x.size} targets, ` +
        `there are ${sources.size} and ${targets.size}`,
    );
  const y = empty(x.gpu, shape, 'permuteScatter');
  move(x, sources, y);
  return record('permuteScatter', y, [x], (gradient, sink) => sink.write(0, (out) => move(gradient, targets, out)));
}

function move(x: Tensor, sources: Tensor, y: Tensor): void {
  const elements = count(y.shape);
  y.gpu.run({
    shader: 'packed/permute_scatter',
    ...chunkLaunch(y.gpu, elements),
    bindings: [x.slice, sources.slice, y.slice],
    params: params(elements, x.size),
    cost: { flops: 0, bytes: 2 * y.bytes + sources.bytes },
  });
}
