// The kernels that multiply matrices, and which of them a shape and an adapter get. Slices in, slice out: the op above checks shapes.
import { type Candidate, type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf } from '../../../tensor/index.ts';
import { castThroughF32 } from './cast-through-f32.ts';
import { applyEpilogue, type Epilogue } from './epilogue.ts';
import { costOf, elementsA, elementsB, type Gemm } from './gemm.ts';
import { matmulMatrix } from './matrix.ts';
import { matrixFits, matrixTiles } from './matrix-config.ts';
import { stationary, stationaryLanes } from './stationary.ts';
import { tiled, tilesFor } from './tiled.ts';

/**
 * Records C ← op(A)·op(B), and what the epilogue makes of it, `slices` being A, B, C, with the kernel that the tuner picks. C is overwritten completely.
 */
export function multiply(gpu: Gpu, product: Gemm, slices: Slice[], epilogue: Epilogue = {}): void {
  const { m, n, k, transposeA, transposeB, planes, sums, manyA, manyB, operands = 'f32', result = 'f32' } = product;
  const a = `${m}x${k}${transposeA ? 't' : ''}${manyA ? '*' : ''}`;
  const b = `${k}x${n}${transposeB ? 't' : ''}${manyB ? '*' : ''}`;
  const stored = operands === 'f32' && result === 'f32' ? '' : ` ${operands} ${result}`;
  const types = [operands, operands, result] as const;
  const job = {
    key: `matmul ${a} ${b} ${planes} planes ${sums} sums${stored}`,
    sizes: elements(product).map((count, i) => count * bytesOf(types[i])),
    types,
    candidates: candidates(gpu, product, epilogue),
  };
  gpu.tuner.select(job).run(slices);
}

const elements = (product: Gemm): number[] => [
  elementsA(product),
  elementsB(product),
  product.planes * product.m * product.n,
];

/** Best guess first, the plain kernel last. */
function candidates(gpu: Gpu, product: Gemm, epilogue: Epilogue): Candidate[] {
  const { m, n, k, planes, sums, operands, result } = product;
  const { small, stationary: standing, matrixFrom } = gpu.machine.matmul;
  const work = m * n * k * planes * sums;
  const after = (name: string, run: (slices: Slice[]) => void): Candidate => ({
    name,
    run: (slices) => {
      run(slices);
      applyEpilogue(gpu, slices[2], planes * m, n, epilogue, result ?? 'f32');
    },
  });
  const last = after('plain', (slices) => plain(gpu, product, slices));
  if (work < small) return [last];
  if (standing) {
    const lanes = stationaryLanes(gpu);
    if (!lanes) return [last];
    const own =
      operands === 'f16'
        ? after('widened', (slices) => throughF32(gpu, product, slices))
        : after('stationary', (slices) => stationary(gpu, product, lanes, slices));
    return [own, last];
  }
  const vectors = tilesFor(gpu, product).map((tile) => ({
    name: `tiled ${tile}`,
    run: (slices: Slice[]) => tiled(gpu, product, tile, slices, epilogue),
  }));
  const units =
    operands === 'f16' && matrixFits(gpu)
      ? matrixTiles(gpu, m, n, planes).map((tile) =>
          after(`matrix ${tile.name}`, (slices) => matmulMatrix(gpu, product, slices, result ?? 'f32', tile)),
        )
      : [];
  return work >= matrixFrom ? [...units, ...vectors, last] : [...vectors, ...units, last];
}

/** f16 operands through the f32 kernels. */
function throughF32(gpu: Gpu, product: Gemm, slices: Slice[]): void {
  const full: Gemm = { ...product, operands: 'f32', result: 'f32' };
  castThroughF32(gpu, elements(product), product.result !== 'f16', (made) => multiply(gpu, full, made), slices);
}

function plain(gpu: Gpu, product: Gemm, bindings: Slice[]): void {
  const { m, n, k, transposeA, transposeB, planes, sums, manyA, manyB, operands = 'f32', result = 'f32' } = product;
  gpu.run({
    shader: 'matmul/plain',
    types: { Operand: operands, Result: result },
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
