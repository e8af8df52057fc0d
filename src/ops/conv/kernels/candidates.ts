// Which kernels can do a convolution on this adapter, best guess first and the plain one last. A new kernel is one line here.
import type { Gpu, Slice } from '../../../gpu/index.ts';
import type { Epilogue } from '../../matmul/kernels/epilogue.ts';
import { matrixTiles } from '../../matmul/kernels/matrix-config.ts';
import { depthwiseData, depthwiseFits, depthwiseForward, depthwiseWeight } from './depthwise.ts';
import { type ConvGeometry, convCost } from './geometry.ts';
import { matrixConvFits, matrixData, matrixForward, matrixWeight } from './matrix.ts';
import { convPlain } from './plain.ts';
import { pointwiseData, pointwiseFits, pointwiseForward, pointwiseWeight } from './pointwise.ts';
import { stationaryData, stationaryFits, stationaryForward, stationaryWeight } from './stationary.ts';
import {
  tiledData,
  tiledDataNames,
  tiledFits,
  tiledForward,
  tiledForwardNames,
  tiledWeight,
  tiledWeightNames,
} from './tiled.ts';
import { winogradData, winogradFits, winogradForward, winogradWeight } from './winograd.ts';

export type Direction = 'forward' | 'dataGradient' | 'weightGradient';

export interface ConvKernel {
  name: string;
  /** On the direction's slices: forward x, w, y; data gradient dy, w, dx; weight gradient x, dy, dw. */
  run: (slices: Slice[], epilogue: Epilogue) => void;
  /** It does a forward epilogue itself, as it stores. */
  fuses?: boolean;
  /** See Candidate: F(4×4) forward. Its errors of 1e-5 carry activations across a ReLU's edge, which changes gradients by 1e-3; those of a gradient stay 1e-5. */
  lowPrecision?: boolean;
}

type Launch = (gpu: Gpu, g: ConvGeometry, a: Slice, b: Slice, out: Slice) => void;

interface DirectionKernels {
  depthwise: Launch;
  gemm: Launch;
  stationary: Launch;
  winograd: typeof winogradForward;
  matrix: typeof matrixForward;
  /** Rows and columns of the result as a matrix. */
  sides: (g: ConvGeometry) => [rows: number, columns: number];
  tiled: (gpu: Gpu, g: ConvGeometry) => ConvKernel[];
}

const DIRECTION_KERNELS: Record<Direction, DirectionKernels> = {
  forward: {
    depthwise: depthwiseForward,
    gemm: pointwiseForward,
    stationary: stationaryForward,
    winograd: winogradForward,
    matrix: matrixForward,
    sides: (g) => [g.n * g.ho * g.wo, g.co],
    tiled: (gpu, g) =>
      tiledForwardNames(gpu, g).map((name) => ({
        name,
        run: ([x, w, y], epilogue) => tiledForward(gpu, g, x, w, y, name, epilogue),
        fuses: true,
      })),
  },
  dataGradient: {
    depthwise: depthwiseData,
    gemm: pointwiseData,
    stationary: stationaryData,
    winograd: winogradData,
    matrix: matrixData,
    sides: (g) => [g.n * g.h * g.w, g.ci],
    tiled: (gpu, g) =>
      tiledDataNames(gpu, g).map((name) => ({ name, run: ([dy, w, dx]) => tiledData(gpu, g, dy, w, dx, name) })),
  },
  weightGradient: {
    depthwise: depthwiseWeight,
    gemm: pointwiseWeight,
    stationary: stationaryWeight,
    winograd: winogradWeight,
    matrix: matrixWeight,
    sides: (g) => [g.kh * g.kw * g.ci, g.co],
    tiled: (gpu, g) =>
      tiledWeightNames(gpu, g).map((name) => ({ name, run: ([x, dy, dw]) => tiledWeight(gpu, g, x, dy, dw, name) })),
  },
};

/** The kernels for a direction, best guess first, the plain one last. The tiled ones are written for GPUs: a software adapter offers one, to compare with. */
export function convKernels(gpu: Gpu, direction: Direction, g: ConvGeometry): ConvKernel[] {
  const standing = gpu.machine.matmul.stationary;
  const form = DIRECTION_KERNELS[direction];
  const kernel = (name: string, launch: Launch): ConvKernel => ({
    name,
    run: ([a, b, out]) => launch(gpu, g, a, b, out),
  });
  const when = (fits: boolean, ...kernels: ConvKernel[]): ConvKernel[] => (fits ? kernels : []);

  const winograd = (tile: 2 | 4): ConvKernel => ({
    ...kernel(`winograd ${tile}`, (...given) => form.winograd(...given, tile)),
    lowPrecision: tile === 4 && direction === 'forward' && !g.half,
  });
  const stationary = !g.half && stationaryFits(gpu, g);
  const tiles = g.n * Math.ceil(g.ho / 4) * Math.ceil(g.wo / 4);
  const { work, channels, tiles: least } = gpu.machine.winograd.from;
  const large = Math.min(g.ci, g.co) >= channels && tiles >= least && g.ci * g.co * tiles >= work[direction];
  const winogradFirst = winogradFits(g) && stationary && large;
  const matrix =
    matrixConvFits(gpu, g) && g.half && !standing
      ? matrixTiles(gpu, ...form.sides(g)).map((tile) =>
          kernel(`matrix ${tile.name}`, (...given) => form.matrix(...given, tile)),
        )
      : [];
  const matrixFirst = convCost(g).flops >= 2 * gpu.machine.matmul.matrixFrom;
  const tiled = tiledFits(g) ? form.tiled(gpu, g).map((one) => ({ ...one, name: `tiled ${one.name}` })) : [];

  const product = pointwiseFits(g) ? [kernel('product', form.gemm)] : [];
  const productFirst = !stationary || (direction !== 'weightGradient' && g.ci * g.co >= gpu.machine.conv.gemmFrom);

  return [
    ...when(depthwiseFits(g), kernel('depthwise', form.depthwise)),
    ...when(winogradFirst, winograd(4)),
    ...when(productFirst, ...product),
    ...when(stationary, kernel('stationary', form.stationary)),
    ...when(!productFirst, ...product),
    ...when(matrixFirst, ...matrix),
    ...(standing ? tiled.filter(({ name }) => name === 'tiled small') : tiled),
    ...when(!matrixFirst, ...matrix),
    ...when(winogradFits(g), winograd(2)),
    ...when(winogradFits(g) && !winogradFirst, winograd(4)),
    { name: 'plain', run: (slices) => convPlain(gpu, direction, g, slices) },
  ];
}
