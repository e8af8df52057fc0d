// How several images of one tensor lie in another one at half their size: pixels of the fine and of the coarse arrangement know each other.
import { type Gpu, needArguments, params } from '../../gpu/index.ts';
import {
  empty,
  needChannels,
  needDType,
  needTensors,
  record,
  shapeText,
  type Tensor,
  TensorError,
  writeOrDiscard,
} from '../../tensor/index.ts';
import { sumInto } from '../reduce/sum-into.ts';
import type { IndexMap } from './permute-scatter.ts';

/** Of a tensor that holds several images a pixel apart, or of one of them. */
export interface PackedSize {
  height: number;
  width: number;
}

/** How each pixel of the images at one resolution finds its own at the next, half as high and wide. */
export interface Downsampling {
  fine: PackedSize;
  coarse: PackedSize;
  /** u32 for each coarse pixel: the fine one at the upper left of its four; NO_INDEX for pixels of no image. */
  childIndex: Tensor;
  /** u32 for each fine pixel: 4 · its coarse one + 2 · row + column within the four; NO_INDEX. */
  parentIndex: Tensor;
  /** For each fine pixel the one in the coarse arrangement at twice its size, and the other way round. */
  upsampleIndex: IndexMap;
}

/** LANES and grid for shaders/packed/pixels.wgsl. */
export function pixelLaunch(gpu: Gpu, pixels: number, width: number): { constants: { LANES: number }; grid: [number] } {
  const { lanes, most } = gpu.machine.packed.pixels;
  return { constants: { LANES: lanes }, grid: [Math.max(1, Math.min(most, Math.ceil((pixels * width) / lanes)))] };
}

/** The channels of x, f32 [1,H,W,C] with a multiple of four of them, or TensorError. */
export function packedChannels(op: string, x: Tensor, size: PackedSize): number {
  needDType(op, 'f32', x);
  needArguments(op, 'an object', { size });
  const { height, width } = size;
  const [n, h, w, channels] = x.shape;
  if (x.shape.length !== 4 || n !== 1 || h !== height || w !== width || channels % 4 !== 0 || channels > 128)
    throw new TensorError(
      `${op}: ${x.label} ${shapeText(x.shape)} must be [1×${height}×${width}×C], C a multiple of 4 up to 128, as the images lie there`,
    );
  return channels;
}

/** Largest of each four pixels: x [1,H,W,C] in the fine arrangement to the coarse one, f32, zeros between the images. Throws TensorError. */
export function packedMaxPool2(x: Tensor, downsampling: Downsampling): Tensor {
  needTensors('packedMaxPool2', x);
  needArguments('packedMaxPool2', 'an object', { downsampling });
  const { fine, coarse, childIndex, parentIndex } = downsampling;
  const channels = packedChannels('packedMaxPool2', x, fine);
  const width = channels / 4;
  const y = empty(x.gpu, [1, coarse.height, coarse.width, channels], 'packedMaxPool2');
  const argmax = empty(x.gpu, y.shape, 'argmax', 'u32');
  const run = (entry: 'forward' | 'backward', source: Tensor, index: Tensor, target: Tensor): void =>
    x.gpu.run({
      shader: 'packed/max_pool2',
      entry,
      ...pixelLaunch(x.gpu, index.size, width),
      bindings: [source, index, target, argmax].map(({ slice }) => slice),
      params: params(width, index.size, fine.width),
      cost: { flops: x.size, bytes: x.bytes + 2 * y.bytes },
      label: `packed/maxPool2 ${entry}`,
    });
  run('forward', x, childIndex, y);
  return record('packedMaxPool2', y, [x], (dy, sink) => sink.write(0, (dx) => run('backward', dy, parentIndex, dx)), [
    argmax,
  ]);
}

/**
 * The way up of a UNet: skip [1,H,W,C] in the fine arrangement and, behind it, up + bias, up [1,2h,2w,C] being the coarse one at twice its size:
 * [1,H,W,2C], f32, up + bias 0 between the images. Throws TensorError.
 */
export function packedSkipConcat(skip: Tensor, up: Tensor, bias: Tensor, downsampling: Downsampling): Tensor {
  needTensors('packedSkipConcat', skip, up, bias);
  needArguments('packedSkipConcat', 'an object', { downsampling });
  const { gpu } = skip;
  const { fine, coarse, upsampleIndex } = downsampling;
  const channels = packedChannels('packedSkipConcat', skip, fine);
  const width = channels / 4;
  const [pixels, upPixels] = [upsampleIndex.sources.size, upsampleIndex.targets.size];
  if (packedChannels('packedSkipConcat', up, { height: 2 * coarse.height, width: 2 * coarse.width }) !== channels)
    throw new TensorError(
      `packedSkipConcat: ${up.label} ${shapeText(up.shape)} has ${up.shape[3]} channels, ${skip.label} ${channels}; they must be equal`,
    );
  needChannels('packedSkipConcat', channels, bias);
  const y = empty(gpu, [1, fine.height, fine.width, 2 * channels], 'packedSkipConcat');
  gpu.run({
    shader: 'packed/skip_concat',
    ...pixelLaunch(gpu, pixels, width),
    bindings: [skip, up, bias, upsampleIndex.sources, y].map(({ slice }) => slice),
    params: params(width, pixels),
    cost: { flops: up.size, bytes: 2 * y.bytes },
    label: 'packed/skipConcat',
  });
  return record('packedSkipConcat', y, [skip, up, bias], (dy, sink) =>
    writeOrDiscard(sink, 0, skip, (dSkip) =>
      writeOrDiscard(sink, 1, up, (dUp) => {
        gpu.run({
          shader: 'packed/skip_concat_backward',
          ...pixelLaunch(gpu, pixels, width),
          bindings: [dy, upsampleIndex.targets, dSkip, dUp].map(({ slice }) => slice),
          params: params(width, pixels, upPixels),
          cost: { flops: 0, bytes: 2 * y.bytes },
          label: 'packed/skipConcat backward',
        });
        sink.write(2, (out) => sumInto(dUp, out));
      }),
    ),
  );
}
