// Rows picked by index. Backward adds up, for each row, the gradients of its copies in a fixed order.
import { grid1d, params } from '../../gpu/index.ts';
import { empty, needDType, record, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';

/** NaN, and as a label no class: what a row that is not there is filled with. */
const MISSING = 0xffffffff;

/**
 * The rows x[index[m]] of x [N, ...], f32 or u32, for index u32 [M]: [M, ...]. An index of N or more gives NaN (f32) or 0xffffffff (u32).
 * Backward, f32 only, takes time in proportion to M · size of x: meant for small tables. Throws TensorError.
 */
export function gather(x: Tensor, index: Tensor): Tensor {
  needDType('gather', 'u32', index);
  if (x.dtype !== 'f32' && x.dtype !== 'u32')
    throw new TensorError(`gather: ${x.label} ${shapeText(x.shape)} is ${x.dtype}, it must be f32 or u32`);
  if (index.shape.length !== 1)
    throw new TensorError(`gather: the index ${index.label} ${shapeText(index.shape)} must have one side`);
  const { gpu } = x;
  const [rows, ...rest] = x.shape;
  const y = empty(gpu, [index.size, ...rest], 'gather', x.dtype);
  const words = x.size / rows;
  const vectors = words % 4 === 0;
  const width = vectors ? words / 4 : words;
  const launch = (size: number) => grid1d(Math.ceil((size * width) / 64));
  gpu.run({
    shader: 'shape/gather',
    types: { Elem: vectors ? 'vec4u' : 'u32' },
    bindings: [x.slice, index.slice, y.slice],
    params: params(rows, width, index.size * width, MISSING),
    grid: launch(index.size),
    cost: { flops: 0, bytes: 2 * y.bytes + index.bytes },
  });
  return record('gather', y, [x], (gradient, sink) =>
    sink.write(0, (out) =>
      gpu.run({
        shader: 'shape/gather_backward',
        types: { Elem: vectors ? 'vec4f' : 'f32' },
        bindings: [index.slice, gradient.slice, out.slice],
        params: params(index.size, width, rows * width),
        grid: launch(rows),
        cost: { flops: y.size, bytes: y.bytes + x.bytes + index.bytes },
        label: 'gather/backward',
      }),
    ),
  );
}
