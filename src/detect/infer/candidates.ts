// The boxes that a detector's locations propose, as FCOS decodes them. On the CPU: few numbers pass the threshold, and what follows sorts them.
import { AstroError } from '../../gpu/index.ts';
import type { FeatureLevel } from '../model/levels.ts';
import type { Inference } from './options.ts';

/** What a detector says of one image, level after level and row by row, as numbers on the CPU. */
export interface LocationValues {
  /** L × C, before the sigmoid. */
  logits: Float32Array;
  /** L × 4: from the location to the left, the top, the right and the bottom side, in strides. */
  regression: Float32Array;
  /** L, before the sigmoid. */
  centerness: Float32Array;
}

/** A box of one class that a location proposes. */
export interface Candidate {
  /** Its place among those of all levels. */
  location: number;
  level: FeatureLevel;
  class: number;
  /** √(probability of the class × centre-ness). */
  score: number;
  /** x0 y0 x1 y1 in pixels of the padded image, not cut at its sides. */
  box: readonly [number, number, number, number];
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Where a location of a level lies, x and y in pixels: in the middle of its cell. */
function placeOf(location: number, { width, stride, first }: FeatureLevel): [x: number, y: number] {
  const row = Math.floor((location - first) / width);
  const column = location - first - row * width;
  return [(column + 0.5) * stride, (row + 0.5) * stride];
}

/** Of every level the best candidates above the threshold, level after level, the best first; of equal ones the earlier. Throws AstroError for values that are not numbers. */
export function candidatesOf(
  { logits, regression, centerness }: LocationValues,
  levels: readonly FeatureLevel[],
  { threshold, thresholdOn, perLevel }: Pick<Inference, 'threshold' | 'thresholdOn' | 'perLevel'>,
): Candidate[] {
  const classes = logits.length / centerness.length;
  return levels.flatMap((level) => {
    const found: { location: number; class: number; product: number }[] = [];
    const { first, height, width, stride } = level;
    for (let location = first; location < first + height * width; location++) {
      const center = sigmoid(centerness[location]);
      if (Number.isNaN(center) || Number.isNaN(logits[location * classes]))
        throw new AstroError('the network gives scores that are not numbers: its weights are damaged');
      const least = thresholdOn === 'product' ? threshold / center : threshold;
      if (least >= 1) continue;
      // Nearly all classes of nearly all locations end at this, before an exponential; what is left to rounding is asked again.
      const near = Math.log(least / (1 - least)) - 1e-6;
      for (let label = 0; label < classes; label++) {
        if (!(logits[location * classes + label] > near)) continue;
        const probability = sigmoid(logits[location * classes + label]);
        if (probability > least) found.push({ location, class: label, product: probability * center });
      }
    }
    found.sort((a, b) => b.product - a.product);
    return found.slice(0, perLevel).map(({ location, class: label, product }) => {
      const [x, y] = placeOf(location, level);
      const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => regression[location * 4 + side] * stride);
      const box = [x - left, y - top, x + right, y + bottom] as const;
      return { location, level, class: label, score: Math.sqrt(product), box };
    });
  });
}
