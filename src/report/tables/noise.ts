// How far measured shares can be trusted: what the number of images alone does to an accuracy.

/** Two-sided 95 % of the normal distribution. */
const Z = 1.96;

/** The half width of the 95 % interval of a share measured on `count` images: Wilson's, which holds near 0 and 1 and for few images, too. */
export function halfWidth(share: number, count: number): number {
  const z2 = Z * Z;
  return (Z / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
}

/** The difference of two such shares that chance alone reaches in one of twenty cases. As if the images were different ones: of the same images it is less. */
export const leastDifference = (a: number, b: number, count: number): number =>
  Math.hypot(halfWidth(a, count), halfWidth(b, count));
