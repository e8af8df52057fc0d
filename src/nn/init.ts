// Initial values. Each parameter draws from its own stream, named after it, so that adding a layer changes no other layer's start.
import { normalArray, uniformArray } from '../tensor/index.ts';

/** Makes `length` values from a seed and a stream: the same for the same three, on every machine. */
export type Initializer = (length: number, seed: number, stream: number) => Float32Array;

/** The same value everywhere. */
export const constant =
  (value: number): Initializer =>
  (length) =>
    new Float32Array(length).fill(value);

/** Normal with mean 0 and this deviation, torch's default (1) for embeddings. */
export const normal =
  (deviation = 1): Initializer =>
  (length, seed, stream) =>
    normalArray(length, seed, stream).map((value) => value * deviation);

/** Normal with variance 2 / fan (He et al. 2015), torchvision's choice for convolutions with fan = kh·kw·Cout. */
export const heNormal =
  (fan: number): Initializer =>
  (length, seed, stream) =>
    normalArray(length, seed, stream).map((value) => value * Math.sqrt(2 / fan));

/** Uniform in ±1/√fan, torch's default for linear layers. */
export const uniformFan =
  (fan: number): Initializer =>
  (length, seed, stream) =>
    uniformArray(length, seed, stream).map((value) => (2 * value - 1) / Math.sqrt(fan));

/**
 * A transposed convolution's weight kernel×kernel×C×C that upsamples each channel bilinearly (Long, Shelhamer and Darrell 2015), with a stride of half the
 * kernel. It draws nothing.
 */
export const bilinear =
  (kernel: number): Initializer =>
  (length) => {
    const channels = Math.sqrt(length / kernel ** 2);
    const factor = Math.ceil(kernel / 2);
    const center = factor - (kernel % 2 === 1 ? 1 : 0.5);
    const rise = Array.from({ length: kernel }, (_, i) => 1 - Math.abs(i - center) / factor);
    const weight = new Float32Array(length);
    for (let tap = 0; tap < kernel ** 2; tap++)
      for (let c = 0; c < channels; c++)
        weight[(tap * channels + c) * channels + c] = rise[Math.floor(tap / kernel)] * rise[tap % kernel];
    return weight;
  };

/** A stream number, 0 to 2³² − 1, from a name (FNV-1a, 32 bits): what an Initializer is given for a parameter of that name. */
export function seedFromName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
