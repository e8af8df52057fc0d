// Where the channels of attention's heads lie: queries of all heads, then keys, then values, of as many channels each as the head has left.

/** Channels of each head: one number, or a list where heads differ. */
export interface HeadSizes {
  heads: number;
  /** Of its queries and keys. */
  depth: number | readonly number[];
  /** Of its values and its part of the result. */
  valueDepth: number | readonly number[];
}

/** Heads side by side that have as many channels each, or one head: how many, and their first channels. */
export interface Heads {
  heads: number;
  depth: number;
  valueDepth: number;
  query: number;
  key: number;
  value: number;
  /** In the result. */
  result: number;
}

const listOf = (sizes: number | readonly number[], heads: number): readonly number[] =>
  typeof sizes === 'number' ? Array.from({ length: heads }, () => sizes) : sizes;

/** One number where all are the same. */
export const sizesOf = (list: readonly number[]): number | readonly number[] =>
  list.every((size) => size === list[0]) ? (list[0] ?? 0) : list;

/** Each head. */
export function headsOf({ heads, depth, valueDepth }: HeadSizes): Heads[] {
  const [depths, valueDepths] = [listOf(depth, heads), listOf(valueDepth, heads)];
  const all = depths.reduce((a, b) => a + b, 0);
  let [query, result] = [0, 0];
  return depths.map((own, h) => {
    const head = {
      heads: 1,
      ...{ depth: own, valueDepth: valueDepths[h] },
      ...{ query, key: all + query, value: 2 * all + result, result },
    };
    query += own;
    result += valueDepths[h];
    return head;
  });
}

/** Heads that are computed together: neighbors with as many channels each. Those that give nothing are left out. */
export function headRuns(sizes: HeadSizes): Heads[] {
  const runs: Heads[] = [];
  for (const head of headsOf(sizes)) {
    const last = runs.at(-1);
    if (last && last.depth === head.depth && last.valueDepth === head.valueDepth) last.heads++;
    else runs.push({ ...head });
  }
  return runs.filter(({ valueDepth }) => valueDepth > 0);
}
