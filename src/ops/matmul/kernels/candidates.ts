// The kernels that multiply matrices, and the choice among them. A new kernel is a line of the list, which names its launch. Slices in, slice out: the op above
// checks shapes.
import { candidatesFor, type Gpu, type KernelEntry, type Slice } from '../../../gpu/index.ts';
import { bytesOf } from '../../../tensor/index.ts';
import { castThroughF32 } from './cast-through-f32.ts';
import { applyEpilogue, type Epilogue } from './epilogue.ts';
import { elementsA, elementsB, type Gemm } from './gemm.ts';
import { isLong, longProduct } from './long-sums.ts';
import { matmulMatrix } from './matrix.ts';
import { type MatrixTile, matrixFits, matrixTiles } from './matrix-config.ts';
import { plain } from './plain.ts';
import { stationary, stationaryLanes } from './stationary.ts';
import { tiled, tilesFor } from './tiled.ts';
import type { TileName } from './vector-tiles.ts';

export interface MatmulJob {
  gpu: Gpu;
  product: Gemm;
  epilogue: Epilogue;
}

type Run<Form> = KernelEntry<MatmulJob, Form>['run'];

/** For kernels that leave the epilogue to a pass of its own. */
const unfused =
  <Form>(run: Run<Form>): Run<Form> =>
  (job, slices, form) => {
    run(job, slices, form);
    const { m, n, planes, result = 'f32' } = job.product;
    applyEpilogue(job.gpu, slices[2], planes * m, n, job.epilogue, result);
  };

const workOf = ({ m, n, k, planes, sums }: Gemm): number => m * n * k * planes * sums;
const worthIt = ({ gpu, product }: MatmulJob): boolean => workOf(product) >= gpu.machine.matmul.small;
/** For the kernel of software adapters, or for those of GPUs. */
const stands = (job: MatmulJob): boolean =>
  worthIt(job) && job.gpu.machine.matmul.stationary && stationaryLanes(job.gpu) !== undefined;
const tiles = (job: MatmulJob): boolean => worthIt(job) && !job.gpu.machine.matmul.stationary;
const isHalf = ({ product }: MatmulJob): boolean => product.operands === 'f16';

/** Best guess first, but for what `first` says. 'widened' is f16 by way of the f32 kernels. */
export const MATMUL_KERNELS: KernelEntry<MatmulJob>[] = [
  { name: 'widened', when: (job) => stands(job) && isHalf(job), run: unfused(throughF32) },
  {
    name: 'stationary',
    when: (job) => stands(job) && !isHalf(job),
    run: unfused(({ gpu, product }, slices) => stationary(gpu, product, stationaryLanes(gpu)!, slices)),
  },
  {
    name: 'tiled',
    when: tiles,
    forms: ({ gpu, product }) => tilesFor(gpu, product),
    run: ({ gpu, product, epilogue }, slices, tile: TileName) => tiled(gpu, product, tile, slices, epilogue),
  },
  {
    name: 'matrix',
    when: (job) => tiles(job) && isHalf(job) && matrixFits(job.gpu),
    first: ({ gpu, product }) => workOf(product) >= gpu.machine.matmul.matrixFrom,
    forms: ({ gpu, product: { m, n, planes } }) => matrixTiles(gpu, m, n, planes),
    run: unfused(({ gpu, product }, slices, tile: MatrixTile) =>
      matmulMatrix(gpu, product, slices, product.result ?? 'f32', tile),
    ),
  },
  { name: 'plain', run: unfused(({ gpu, product }, slices) => plain(gpu, product, slices)) },
];

/**
 * Records C ← op(A)·op(B), and what the epilogue makes of it, `slices` being A, B, C, with the kernel that the tuner picks. C is overwritten completely.
 */
export function multiply(gpu: Gpu, product: Gemm, slices: Slice[], epilogue: Epilogue = {}): void {
  if (elementsA(product) * elementsB(product) === 0) {
    if (product.planes * product.m * product.n === 0) return;
    gpu.fill(slices[2], 0);
    applyEpilogue(gpu, slices[2], product.planes * product.m, product.n, epilogue, product.result ?? 'f32');
    return;
  }
  if (isLong(product)) {
    longProduct(gpu, product, slices, multiply);
    applyEpilogue(gpu, slices[2], product.m, product.n, epilogue, product.result ?? 'f32');
    return;
  }
  const {
    m,
    n,
    k,
    transposeA,
    transposeB,
    planes,
    sums,
    manyA,
    manyB,
    nest,
    operands = 'f32',
    result = 'f32',
  } = product;
  const a = `${m}x${k}${transposeA ? 't' : ''}${manyA ? '*' : ''}`;
  const b = `${k}x${n}${transposeB ? 't' : ''}${manyB ? '*' : ''}`;
  // Where each operand repeats along the planes' sides.
  const along = nest
    ? ` ${nest.sides.map((n, i) => `${nest.a[i] ? 'a' : ''}${nest.b[i] ? 'b' : ''}${n}`).join('·')}`
    : '';
  const stored = operands === 'f32' && result === 'f32' ? '' : ` ${operands} ${result}`;
  const types = [operands, operands, result] as const;
  gpu.tuner
    .select({
      key: `matmul ${a} ${b} ${planes} planes ${sums} sums${along}${stored}`,
      sizes: elements(product).map((count, i) => count * bytesOf(types[i])),
      types,
      candidates: candidatesFor(MATMUL_KERNELS, { gpu, product, epilogue }),
      alone: () => candidatesFor(MATMUL_KERNELS, { gpu, product, epilogue: {} }),
    })
    .run(slices);
}

const elements = (product: Gemm): number[] => [
  elementsA(product),
  elementsB(product),
  product.planes * product.m * product.n,
];

function throughF32({ gpu, product }: MatmulJob, slices: Slice[]): void {
  const full: Gemm = { ...product, operands: 'f32', result: 'f32' };
  castThroughF32(gpu, elements(product), product.result !== 'f16', (made) => multiply(gpu, full, made), slices);
}
