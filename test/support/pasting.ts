// BoxInst's postprocessing of a mask step by step in float64, as it is written for torch: padded, enlarged with aligned corners, padded again, cut, resized.

/** A picture of numbers, row by row. */
export interface Plane {
  height: number;
  width: number;
  at(y: number, x: number): number;
}

export const plane = (values: ArrayLike<number>, height: number, width: number): Plane => ({
  height,
  width,
  at: (y, x) => values[y * width + x],
});

/** Stored, so that what is built on it does not compute it again. */
function stored({ height, width, at }: Plane): Plane {
  const values = new Float64Array(height * width);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values[y * width + x] = at(y, x);
  return plane(values, height, width);
}

/** A value between four others. */
function between({ height, width, at }: Plane, y: number, x: number): number {
  const [y0, x0] = [Math.min(Math.floor(y), height - 1), Math.min(Math.floor(x), width - 1)];
  const [y1, x1] = [Math.min(y0 + 1, height - 1), Math.min(x0 + 1, width - 1)];
  const [v, u] = [y - y0, x - x0];
  return (1 - v) * ((1 - u) * at(y0, x0) + u * at(y0, x1)) + v * ((1 - u) * at(y1, x0) + u * at(y1, x1));
}

/** aligned_bilinear of AdelaiDet. */
export function alignedBilinear(x: Plane, factor: number): Plane {
  const padded: Plane = {
    height: x.height + 1,
    width: x.width + 1,
    at: (y, c) => x.at(Math.min(y, x.height - 1), Math.min(c, x.width - 1)),
  };
  const large: Plane = {
    height: factor * x.height + 1,
    width: factor * x.width + 1,
    at: (y, c) => between(padded, y / factor, c / factor),
  };
  const before = Math.floor(factor / 2);
  return stored({
    height: factor * x.height,
    width: factor * x.width,
    at: (y, c) => large.at(Math.max(0, y - before), Math.max(0, c - before)),
  });
}

/** interpolate(…, mode='bilinear', align_corners=False) of torch. */
export function resizeBilinear(x: Plane, height: number, width: number): Plane {
  const place = (p: number, from: number, to: number): number => Math.max(0, ((p + 0.5) * from) / to - 0.5);
  return stored({ height, width, at: (y, c) => between(x, place(y, x.height, height), place(c, x.width, width)) });
}

/** What a mask comes to in the picture, before the threshold. */
export function pasted(
  x: Plane,
  { factor, extent, size }: { factor: number; extent: readonly [number, number]; size: readonly [number, number] },
): Plane {
  const large = alignedBilinear(x, factor);
  return resizeBilinear({ height: extent[0], width: extent[1], at: large.at }, size[0], size[1]);
}
