// Concatenation that copies only what is new: a block of channels is one tensor, made empty, into which the results of layers are written one behind
// the other. Every op on the way is a function of the channels written before it, so values stay valid, and one gradient serves all states of the block.
import {
  filledChannels,
  isPartial,
  markFilled,
  needDType,
  needFloats,
  needTensors,
  needWhole,
  record,
  shapeText,
  type Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { copyBox } from './window.ts';

/** Blocks into which something was written after them: a second time it would overwrite that. */
const continued = new WeakSet<Tensor>();

/**
 * The block [..., P] with y [..., c] in its channels at … at + c, f32 or f16 as y is. Nothing else is copied: the result is the same memory, of which
 * the first at + c channels hold values. `at` is where those written before end. It begins with a tensor made by empty(), which belongs to the
 * result from then on, and goes on with what writeChannels() returned. A block that is not full yet can be read by batchNorm, which normalizes the channels
 * that are there; a full one by every op. The gradient of y is cut out of the block's, which is handed on to the block before. Throws TensorError.
 */
export function writeChannels(block: Tensor, y: Tensor, at: number): Tensor {
  const width = check(block, y, at);
  const last = block.shape.length - 1;
  const begin = block.shape.map((_, i) => (i === last ? at : 0));
  const zero = block.shape.map(() => 0);
  copyBox(y, block, y.shape, zero, begin);
  const made = block.alias(block.shape, 0, 'writeChannels');
  markFilled(made, at + width);
  continued.add(block);
  return record(
    'writeChannels',
    made,
    [block, y],
    (gradient, sink) => {
      sink.write(1, (out) => copyBox(gradient, out, y.shape, begin, zero));
      sink.forward(0, gradient);
    },
    isPartial(block) ? [] : [block],
  );
}

/** The channels of y, if it may be written there. */
function check(block: Tensor, y: Tensor, at: number): number {
  needTensors('writeChannels', block, y);
  const { shape } = block;
  const last = shape.length - 1;
  const width = y.shape[last];
  const what = `writeChannels: ${y.label} ${shapeText(y.shape)}`;
  const where = `${block.label} ${shapeText(shape)}`;
  needWhole('writeChannels', [block, y]);
  needFloats('writeChannels', block);
  needDType('writeChannels', block.dtype as 'f32' | 'f16', y);
  if (y.shape.length !== shape.length || shape.some((n, i) => (i === last ? at + width > n : y.shape[i] !== n)))
    throw new TensorError(`${what} does not fit into ${where} from channel ${at} on`);
  if (!isPartial(block) && block.requiresGrad)
    throw new TensorError(`${what} would overwrite ${where}, which is a result; begin with a tensor made by empty()`);
  if (continued.has(block))
    throw new TensorError(`${what} would overwrite what was written into ${where} after it; go on with that result`);
  const filled = isPartial(block) ? filledChannels(block) : 0;
  if (at !== filled)
    throw new TensorError(`${what} must go to channel ${filled} of ${where}, where the others end, not to ${at}`);
  return width;
}
