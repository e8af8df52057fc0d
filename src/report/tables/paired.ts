// Two networks on the same images. Images that both tell right, or neither, say nothing of their difference, so that it is known better than from two accuracies (McNemar).

/** Which images a network tells right, as a text that a file can hold: a bit for each image, in base64. `right` has 1 for those that it does, in the set's order. */
export function packAnswers(right: Uint8Array): string {
  const bytes = new Uint8Array(Math.ceil(right.length / 8));
  for (const [i, bit] of right.entries()) bytes[i >> 3] |= bit << (i & 7);
  return Buffer.from(bytes).toString('base64');
}

/** A difference of two shares of the same images. */
export interface PairedShares {
  /** The first share less the second. */
  difference: number;
  /** The half width of its 95 % interval, over other images of the kind. */
  half: number;
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.96;

/** How many more of `images` the first network tells right than the second. Half an image is added to each count (Agresti and Min 2005), so that few images give no interval of 0. */
export function pairedShares(first: string, second: string, images: number): PairedShares {
  const [a, b] = [first, second].map((text) => Buffer.from(text, 'base64'));
  const gained = a.reduce((count, byte, i) => count + bits(byte & ~b[i]), 0);
  const lost = a.reduce((count, byte, i) => count + bits(b[i] & ~byte), 0);
  const spread = gained + lost + 1 - (gained - lost) ** 2 / (images + 2);
  return { difference: (gained - lost) / images, half: (Z * Math.sqrt(spread)) / (images + 2) };
}

function bits(byte: number): number {
  let count = 0;
  for (let rest = byte & 0xff; rest > 0; rest &= rest - 1) count++;
  return count;
}
