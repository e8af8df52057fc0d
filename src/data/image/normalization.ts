// Bytes to normalized floats by looking them up: kernels that read images do no arithmetic on them.
import type { ChannelStats } from './image-set.ts';

/** f32 [channels × 256]: (byte / 255 − mean) / std for each channel and byte, rounded once. */
export function normalizationTable({ mean, std }: ChannelStats): Float32Array {
  return Float32Array.from({ length: mean.length * 256 }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) / 255 - mean[channel]) / std[channel];
  });
}
