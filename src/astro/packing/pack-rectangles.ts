// Places rectangles in an image that is as small as it can easily be, a pixel apart.
import type { Arrangement } from '../../ops/index.ts';

export interface Arranged extends Arrangement {
  corners: { x: number; y: number }[];
}

/** Widths that are tried. */
const TRIALS = 32;

/** Tall rectangles first, each as far up as it can go; the smallest of some images. */
export function packRectangles(sizes: readonly Arrangement[]): Arranged {
  const order = [...sizes.keys()].sort(
    (a, b) => sizes[b].height - sizes[a].height || sizes[b].width - sizes[a].width || a - b,
  );
  const widest = Math.max(...sizes.map(({ width }) => width));
  const area = sizes.reduce((sum, { height, width }) => sum + (height + 1) * (width + 1), 0);
  const most = Math.max(widest, Math.ceil(2 * Math.sqrt(area)));
  let best: Arranged | undefined;
  for (let trial = 0; trial < TRIALS; trial++) {
    const width = widest + Math.round(((most - widest) * trial) / (TRIALS - 1));
    const made = within(width, sizes, order);
    if (!best || made.height * width < best.height * best.width) best = made;
  }
  return best!;
}

function within(width: number, sizes: readonly Arrangement[], order: readonly number[]): Arranged {
  // How much of each column is taken, with the pixel below.
  const taken = new Uint32Array(width);
  const corners = sizes.map(() => ({ x: 0, y: 0 }));
  for (const i of order) {
    const size = sizes[i];
    let corner = { x: 0, y: Number.POSITIVE_INFINITY };
    for (let x = 0; x + size.width <= width; x++) {
      // Only beside an edge of what is there, or a pixel from it.
      if (x > 1 && taken[x] === taken[x - 1] && taken[x - 1] === taken[x - 2]) continue;
      let y = 0;
      const end = Math.min(width, x + size.width + 1);
      for (let c = Math.max(0, x - 1); c < end && y < corner.y; c++) y = Math.max(y, taken[c]);
      if (y < corner.y) corner = { x, y };
    }
    taken.fill(corner.y + size.height + 1, corner.x, corner.x + size.width);
    corners[i] = corner;
  }
  return { height: Math.max(...taken) - 1, width, corners };
}
