// The kernels that multiply matrices, and which of them a shape and an adapter get. Slices in, slice out: the op above checks shapes.
import { type Candidate, type Gpu, grid1d, params, type Slice } from '../../gpu/index.ts';
import { costOf, elementsA, elementsB, type Product } from './matmul-product.ts';
import { stationary, stationaryLanes } from './matmul-stationary.ts';
import { tiled, tilesFor } from './matmul-tiled.ts';

/** Records C ← op(A)·op(B), `slices` being A, B, C, with the kernel that the tuner picks. C is overwritten completely. */
export function multiply(gpu: Gpu, product: Product, slices: Slice[]): void {
  const { m, n, k, transposeA, transposeB, planes, sums, manyA, manyB } = product;
  const a = `${m}x${k}${transposeA ? 't' : ''}${manyA ? '*' : ''}`;
  const b = `${k}x${n}${transposeB ? 't' : ''}${manyB ? '*' : ''}`;
  const job = {
    key: `matmul ${a} ${b} ${planes} planes ${sums} sums`,
    sizes: [elementsA(product), elementsB(product), planes * m * n].map((elements) => elements * 4),
    candidates: candidates(gpu, product),
  };
  gpu.tuner.pick(job).run(slices);
}

/** Multiply-adds below which the plain kernel is as fast: what the others save is less than what their launches cost. */
const SMALL = { gpu: 2 ** 14, software: 2 ** 18 };

/** Best guess first, the plain kernel last. */
function candidates(gpu: Gpu, product: Product): Candidate[] {
  const { m, n, k, planes, sums } = product;
  const { software } = gpu.adapter;
  const list: Candidate[] = [{ name: 'plain', run: (slices) => plain(gpu, product, slices) }];
  if (m * n * k * planes * sums < (software ? SMALL.software : SMALL.gpu)) return list;
  const lanes = stationaryLanes(gpu);
  const fast = software
    ? lanes && [{ name: 'stationary', run: (slices: Slice[]) => stationary(gpu, product, lanes, slices) }]
    : tilesFor(product).map((tile) => ({
        name: `tiled ${tile}`,
        run: (slices: Slice[]) => tiled(gpu, product, tile, slices),
      }));
  return fast ? [...fast, ...list] : list;
}

function plain(gpu: Gpu, product: Product, bindings: Slice[]): void {
  const { m, n, k, transposeA, transposeB, planes, sums, manyA, manyB } = product;
  gpu.run({
    shader: 'matmul_plain',
    bindings,
    params: params(
      ...[planes, m, n, k, sums, manyA ? m * k : 0, manyB ? k * n : 0],
      ...(transposeA ? [1, m] : [k, 1]),
      ...(transposeB ? [1, k] : [n, 1]),
    ),
    grid: grid1d(Math.ceil((planes * m * n) / 64)),
    cost: costOf(product),
  });
}
