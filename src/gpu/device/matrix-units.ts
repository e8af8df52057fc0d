// Which configuration of the matrix units kernels and probes use: f16 operands and f32 sums, where the device lists it.
import type { AdapterSummary } from './adapter.ts';

/** Matrix units that multiply M×K by K×N in f16 and add in f32, by subgroups of `lanes`. */
export interface MatrixUnits {
  M: number;
  N: number;
  K: number;
  lanes: number;
  /** Done by plain arithmetic in shaders/matmul/matrix_emulated.wgsl instead: right and slow, for tests without such units. */
  emulated?: true;
}

/** A configuration as Dawn lists it; the WebGPU types do not know them yet. */
export interface MatrixConfig {
  componentType: string;
  resultComponentType: string;
  M: number;
  N: number;
  K: number;
}

/** What matrix units need; the last two are not in the WebGPU types. */
const NEEDED = ['shader-f16', 'subgroups', 'subgroup-size-control', 'chromium-experimental-subgroup-matrix'];

/** The largest f16 → f32 configuration with sides that are multiples of 8, as loads of eight halves ask; undefined where there is none. */
export function matrixUnits(
  features: ReadonlySet<string>,
  configs: Iterable<MatrixConfig>,
  { subgroupMaxSize }: Pick<AdapterSummary, 'subgroupMaxSize'>,
): MatrixUnits | undefined {
  if (NEEDED.some((name) => !features.has(name))) return undefined;
  const [best] = [...configs]
    .filter((config) => config.componentType === 'f16' && config.resultComponentType === 'f32')
    .filter(({ M, N, K }) => [M, N, K].every((side) => side % 8 === 0))
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K);
  return best && { M: best.M, N: best.N, K: best.K, lanes: subgroupMaxSize };
}

/** The list of an adapter; in Node that of its device is empty. */
export const matrixConfigs = ({ info }: GPUAdapter): Iterable<MatrixConfig> =>
  (info as { subgroupMatrixConfigs?: Iterable<MatrixConfig> }).subgroupMatrixConfigs ?? [];
