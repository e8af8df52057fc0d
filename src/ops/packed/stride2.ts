// Every other pixel of every other row, where several images lie in one tensor: after a 3×3 convolution with padding 1 this is what the same
// convolution with stride 2 gives each image alone.
import { needArguments, params } from '../../gpu/index.ts';
import { empty, needTensors, record, type Tensor } from '../../tensor/index.ts';
import { type Downsampling, packedChannels, pixelLaunch } from './pool2.ts';

/**
 * The upper left of each four pixels: x [1,H,W,C] in the fine arrangement to the coarse one, f32, C a multiple of 4 up to 128, zeros between the images.
 * Throws TensorError.
 */
export function packedStride2(x: Tensor, downsampling: Downsampling): Tensor {
  needTensors('packedStride2', x);
  needArguments('packedStride2', 'an object', { downsampling });
  const { fine, coarse, childIndex, parentIndex } = downsampling;
  const channels = packedChannels('packedStride2', x, fine);
  const width = channels / 4;
  const y = empty(x.gpu, [1, coarse.height, coarse.width, channels], 'packedStride2');
  const run = (entry: 'forward' | 'backward', source: Tensor, index: Tensor, target: Tensor): void =>
    x.gpu.run({
      shader: 'packed/stride2',
      entry,
      ...pixelLaunch(x.gpu, index.size, width),
      bindings: [source, index, target].map(({ slice }) => slice),
      params: params(width, index.size),
      cost: { flops: 0, bytes: y.bytes + target.bytes + index.bytes },
      label: `packed/stride2 ${entry}`,
    });
  run('forward', x, childIndex, y);
  return record('packedStride2', y, [x], (dy, sink) => sink.write(0, (dx) => run('backward', dy, parentIndex, dx)));
}
