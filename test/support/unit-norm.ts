// Layer, group and instance normalization in float64: of images × positions × groups × channels, what an image has of a group shares its moments.

export interface UnitReference {
  images: number;
  positions: number;
  groups: number;
  channels: number;
  /** Zeros that a unit has beside these values. */
  zeros?: number;
  centered?: boolean;
  eps?: number;
  weight?: boolean;
  bias?: boolean;
}

/** The op on [x, weight, bias], of which the last two are there as `weight` and `bias` say. */
export const unitNormReference =
  ({
    images,
    positions,
    groups,
    channels,
    zeros = 0,
    centered = true,
    eps = 1e-5,
    weight = false,
    bias = false,
  }: UnitReference): ((inputs: Float64Array[]) => Float64Array) =>
  ([x, ...parameters]) => {
    const [scale, shift] = [weight ? parameters[0] : undefined, bias ? parameters.at(-1) : undefined];
    const y = new Float64Array(x.length);
    for (let n = 0; n < images; n++)
      for (let g = 0; g < groups; g++) {
        const places: number[] = [];
        for (let p = 0; p < positions; p++)
          for (let c = 0; c < channels; c++) places.push(((n * positions + p) * groups + g) * channels + c);
        const all = places.length + zeros;
        const mean = centered ? places.reduce((sum, at) => sum + x[at], 0) / all : 0;
        const variance = places.reduce((sum, at) => sum + (x[at] - mean) ** 2, zeros * mean ** 2) / all;
        for (const at of places) {
          const channel = at % (groups * channels);
          y[at] = ((x[at] - mean) / Math.sqrt(variance + eps)) * (scale?.[channel] ?? 1) + (shift?.[channel] ?? 0);
        }
      }
    return y;
  };
