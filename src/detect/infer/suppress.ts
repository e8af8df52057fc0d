// Non-maximum suppression within each class: a box goes where a better one of its class covers the same place.

/** x0 y0 x1 y1. */
type Box = readonly [number, number, number, number];

const areaOf = ([x0, y0, x1, y1]: Box): number => (x1 - x0) * (y1 - y0);

/** Intersection over union of two boxes; 0 where both are empty. */
export function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (!(width > 0 && height > 0)) return 0;
  const both = width * height;
  return both / (areaOf(a) + areaOf(b) - both);
}

/**
 * The best `most` boxes, the best first and of equal ones the earlier, without those whose intersection over union with a better one of their class that stays is above
 * `overlap`: as torchvision's batched_nms.
 */
export function suppressed<T extends { class: number; score: number; box: Box }>(
  boxes: readonly T[],
  { overlap, most }: { overlap: number; most: number },
): T[] {
  const kept: T[] = [];
  const byClass = new Map<number, Box[]>();
  for (const one of [...boxes].sort((a, b) => b.score - a.score)) {
    if (kept.length >= most) break;
    const better = byClass.get(one.class) ?? [];
    if (better.some((box) => overlapOf(box, one.box) > overlap)) continue;
    better.push(one.box);
    byClass.set(one.class, better);
    kept.push(one);
  }
  return kept;
}
