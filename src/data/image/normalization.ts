// Bytes to normalized floats by looking them up: kernels that read images do no arithmetic on them.
import type { ChannelStats, ImageSet } from './image-set.ts';

/** Of pixels from 0 to 1, by the name of what was trained so: ImageNet's own mean and deviation, which torchvision's networks and DeiT take, and Inception's halves, which many of timm's do. */
export const NORMALIZATIONS = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  inception: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
} as const satisfies Record<string, ChannelStats>;

/** f32 [channels × 256]: (byte / 255 − mean) / std for each channel and byte, rounded once. */
export function normalizationTable({ mean, std }: ChannelStats): Float32Array {
  return Float32Array.from({ length: mean.length * 256 }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) / 255 - mean[channel]) / std[channel];
  });
}

/** Mean and deviation of all pixels of RGB images, in [0, 1] for each channel, exact by counting bytes. A channel of one value gets the deviation of one step, so that it can be divided by. */
export function channelStats({ images }: Pick<ImageSet, 'images'>): ChannelStats {
  const counts = new Float64Array(3 * 256);
  for (let i = 0; i < images.length; i += 3) for (let c = 0; c < 3; c++) counts[c * 256 + images[i + c]]++;
  const pixels = images.length / 3;
  const channels = [0, 1, 2].map((c) => {
    const own = counts.subarray(c * 256, (c + 1) * 256);
    const mean = own.reduce((sum, n, byte) => sum + n * byte, 0) / pixels;
    const variance = own.reduce((sum, n, byte) => sum + n * (byte - mean) ** 2, 0) / pixels;
    return { mean: mean / 255, std: Math.max(1, Math.sqrt(variance)) / 255 };
  });
  return { mean: channels.map(({ mean }) => mean), std: channels.map(({ std }) => std) };
}
