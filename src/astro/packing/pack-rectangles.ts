// Places rectangles in an image that is as small as it can easily be, a pixel apart.
import type { PackedSize } from '../../ops/index.ts';

/** An image, and where in it the upper left pixel of each rectangle lies. */
export interface Packing extends PackedSize {
  offsets: { x: number; y: number }[];
}

/** Widths that are tried. */
const TRIALS = 32;

/** Tall rectangles first, each as far up as it can go (first fit by decreasing height); the smallest image of some widths. */
export function packRectangles(sizes: readonly PackedSize[]): Packing {
  const order = [...sizes.keys()].sort(
    (a, b) => sizes[b].height - sizes[a].height || sizes[b].width - sizes[a].width || a - b,
  );
  const widest = Math.max(...sizes.map(({ width }) => width));
  const area = sizes.reduce((sum, { height, width }) => sum + (height + 1) * (width + 1), 0);
  const most = Math.max(widest, Math.ceil(2 * Math.sqrt(area)));
  let best: Packing | undefined;
  for (let trial = 0; trial < TRIALS; trial++) {
    const width = widest + Math.round(((most - widest) * trial) / (TRIALS - 1));
    const made = within(width, sizes, order);
    if (!best || made.height * width < best.height * best.width) best = made;
  }
  return best!;
}

function within(width: number, sizes: readonly PackedSize[], order: readonly number[]): Packing {
  // How much of each column is taken, with the pixel below.
  const taken = new Uint32Array(width);
  const offsets = sizes.map(() => ({ x: 0, y: 0 }));
  for (const i of order) {
    const size = sizes[i];
    let offset = { x: 0, y: Number.POSITIVE_INFINITY };
    for (let x = 0; x + size.width <= width; x++) {
      // Only beside an edge of what is there, or a pixel from it.
      if (x > 1 && taken[x] === taken[x - 1] && taken[x - 1] === taken[x - 2]) continue;
      let y = 0;
      const end = Math.min(width, x + size.width + 1);
      for (let c = Math.max(0, x - 1); c < end && y < offset.y; c++) y = Math.max(y, taken[c]);
      if (y < offset.y) offset = { x, y };
    }
    taken.fill(offset.y + size.height + 1, offset.x, offset.x + size.width);
    offsets[i] = offset;
  }
  return { height: Math.max(...taken) - 1, width, offsets };
}
