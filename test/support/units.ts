// How far f32 results are from float64, in units of the last place.

const SMALLEST = 2 ** -126;

/** The most units that `actual` is off f(x), where f(x) is a number of f32. Elsewhere it must be that infinity or NaN, else it counts as infinitely far; denormals may be 0. */
export function unitsOff(actual: ArrayLike<number>, x: ArrayLike<number>, f: (v: number) => number): number {
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const exact = f(x[i]);
    const size = Math.abs(Math.fround(exact));
    const off = Math.abs(actual[i] - exact);
    const units = !(size < Number.POSITIVE_INFINITY)
      ? Object.is(actual[i], Math.fround(exact))
        ? 0
        : Number.POSITIVE_INFINITY
      : size < SMALLEST
        ? off < SMALLEST
          ? 0
          : Number.POSITIVE_INFINITY
        : off / 2 ** (Math.floor(Math.log2(size)) - 23);
    if (!(units <= worst)) worst = Number.isNaN(units) ? Number.POSITIVE_INFINITY : units;
  }
  return worst;
}
