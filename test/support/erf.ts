// The error function in float64, for references: a series near 0, a continued fraction farther out.

/** 1 − erf(v), with all its digits where that is nearly 0. */
function erfc(v: number): number {
  if (v < 0) return 2 - erfc(-v);
  if (v < 2.5) return 1 - series(v);
  let fraction = v;
  for (let k = 200; k >= 1; k--) fraction = v + k / 2 / fraction;
  return Math.exp(-v * v) / Math.sqrt(Math.PI) / fraction;
}

function series(v: number): number {
  let [term, sum] = [v, v];
  for (let n = 1; n < 60; n++) {
    term *= (-v * v) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export const erf = (v: number): number => (Math.abs(v) < 2.5 ? series(v) : Math.sign(v) * (1 - erfc(Math.abs(v))));

/** How probable less than v is where numbers are distributed normally. */
export const normal = (v: number): number => erfc(-v / Math.SQRT2) / 2;
