// Bytes to normalized floats by looking them up: kernels that read images do no arithmetic on them.
import type { ChannelStats } from './image-set.ts';

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
