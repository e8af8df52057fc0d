// How two operands of einsum become one matrix product: which of the orders that it can take copies the least.
import type { Names } from './einsum-equation.ts';

/** An operand as a matrix for each of the batch: the sides of its lines, and those within them. */
export interface Layout {
  sides: readonly [Names, Names];
  transposed: boolean;
}

/** A product of matrices. */
export interface Plan {
  /** Is the second operand the left factor? */
  swapped: boolean;
  /** Names of the result: of the batch, of rows, of columns; and those that are summed. */
  batch: Names;
  rows: Names;
  columns: Names;
  sum: Names;
  left: Layout;
  right: Layout;
}

const same = (a: Names, b: Names): boolean => a.length === b.length && a.every((name, i) => name === b[i]);
const unique = (lists: Names[]): Names[] =>
  lists.filter((list, i) => lists.findIndex((other) => same(list, other)) === i);

/** The plan that moves the fewest values: operands that do not lie as it takes them, and a result that does not lie as wanted. */
export function planOf(
  a: Names,
  b: Names,
  sizes: ReadonlyMap<string, number>,
  later: ReadonlySet<string>,
  wanted: Names | undefined,
): Plan {
  const shared = a.filter((name) => b.includes(name));
  const order = (of: Names, by: Names): Names => by.filter((name) => of.includes(name));
  const batches = shared.filter((name) => later.has(name));
  const sums = shared.filter((name) => !later.has(name));
  const count = (names: Names): number => names.reduce((all, name) => all * sizes.get(name)!, 1);
  const orders = (of: Names, own: Names): Names[] => unique([order(of, own), ...(wanted ? [order(of, wanted)] : [])]);
  let best: Plan | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const swapped of [false, true]) {
    const [p, q] = swapped ? [b, a] : [a, b];
    const frees = [p, q].map((names) => names.filter((name) => !shared.includes(name)));
    for (const batch of unique([order(batches, a), order(batches, b), ...(wanted ? [order(batches, wanted)] : [])]))
      for (const sum of unique([order(sums, p), order(sums, q)]))
        for (const rows of orders(frees[0], p))
          for (const columns of orders(frees[1], q)) {
            const [left, right] = [layoutOf(p, batch, rows, sum), layoutOf(q, batch, sum, columns)];
            const result = [...batch, ...rows, ...columns];
            const moved =
              (left.lies ? 0 : count(p)) +
              (right.lies ? 0 : count(q)) +
              (!wanted || same(result, wanted) ? 0 : count(result));
            if (moved >= least) continue;
            least = moved;
            best = { swapped, batch, rows, columns, sum, left: left.layout, right: right.layout };
          }
  }
  return best!;
}

/** Of an operand of these names as a matrix [outer, inner] for each of the batch: stored so, or transposed where it lies so. */
function layoutOf(names: Names, batch: Names, outer: Names, inner: Names): { layout: Layout; lies: boolean } {
  const straight = same(names, [...batch, ...outer, ...inner]);
  const turned = same(names, [...batch, ...inner, ...outer]);
  const transposed = !straight && turned;
  return { layout: { sides: transposed ? [inner, outer] : [outer, inner], transposed }, lies: straight || turned };
}
