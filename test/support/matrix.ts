// Matrix units to test kernels with: emulated ones of different shapes, which any adapter with f16 and subgroup sizes has, and the adapter's own.

import type { MatrixUnits } from '../../src/gpu/device/matrix-units.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { type MatrixTile, matrixTiles } from '../../src/ops/matmul/kernels/matrix-config.ts';
import { gpu } from './gpu.ts';
import { generator, whole } from './random.ts';

/** The adapter with emulated units of this size. */
export function emulating(units: Pick<MatrixUnits, 'M' | 'N' | 'K'>): Gpu {
  const matrix: MatrixUnits = { ...units, lanes: gpu.adapter.subgroupMaxSize, emulated: true };
  return Object.create(gpu, { capabilities: { value: { ...gpu.capabilities, matrix } } });
}

export interface Units {
  name: string;
  gpu: Gpu;
  /** Tiles to try; undefined leaves the choice to the kernel. */
  tiles: (MatrixTile | undefined)[];
  missing: boolean;
  /** Try what differs between units only: every pipeline takes a software adapter a second to compile. */
  brief?: true;
}

const cannot = ['shader-f16', 'subgroups', 'subgroup-size-control'].some(
  (feature) => !gpu.device.features.has(feature as GPUFeatureName),
);
/** As deep as the lanes of a subgroup, so that each has eight halves of either operand to load. */
const BK = Math.max(16, gpu.adapter.subgroupMaxSize);
const tile = (UM: number, UN: number, SM: number, SN: number): MatrixTile => ({ name: 'tiny', UM, UN, SM, SN, BK });

/** M, N and K differ, and so do the units' counts, so that none can be taken for another; with tiles of 16 to 32 small shapes have edges and insides. */
export const unitsToTry: Units[] = [
  { name: 'emulated 8×8×8', gpu: emulating({ M: 8, N: 8, K: 8 }), tiles: [tile(2, 1, 1, 2)], missing: cannot },
  {
    name: 'emulated 16×8×16',
    gpu: emulating({ M: 16, N: 8, K: 16 }),
    tiles: [tile(1, 2, 2, 1)],
    missing: cannot,
    brief: true,
  },
  {
    name: 'of this adapter',
    gpu,
    // Recent llvmpipe has matrix units of its own, and compiles for seconds where a subgroup has many.
    tiles: gpu.adapter.software ? [tile(2, 1, 1, 2)] : matrixTiles(gpu, 1, 1),
    missing: gpu.capabilities.matrix === undefined,
  },
];

/** Small whole numbers: their products add up to what f16 and f32 hold exactly, so results have one right answer. */
export function smallWholes(seed: number, length: number, most = 2): Float32Array {
  const next = generator(seed);
  return Float32Array.from({ length }, () => whole(next, -most, most));
}
