// The kernels that do a convolution, and the choice among them. A new kernel is a line of the list, which names its launches.
import { candidatesFor, type KernelEntry, type Slice } from '../../../gpu/index.ts';
import { bytesOf } from '../../../tensor/index.ts';
import { castThroughF32 } from '../../matmul/kernels/cast-through-f32.ts';
import { applyEpilogue } from '../../matmul/kernels/epilogue.ts';
import { stationaryLanes } from '../../matmul/kernels/stationary.ts';
import { depthwise, depthwiseFits } from './depthwise.ts';
import { convCost, convKey, inputCount, outputCount, storageOf, weightCount } from './geometry.ts';
import type { ConvJob, ConvLaunches } from './job.ts';
import { matrix, matrixConvFits, matrixForms } from './matrix.ts';
import { plain } from './plain.ts';
import { pointwise, pointwiseFits } from './pointwise.ts';
import { stationary, stationaryFits } from './stationary.ts';
import { tiled, tiledFits, tiledForms } from './tiled.ts';
import { winograd, winogradFits } from './winograd.ts';

type Run<Form> = KernelEntry<ConvJob, Form>['run'];

/** The launch for the job's direction. */
const by =
  <Form>(launches: ConvLaunches<Form>): Run<Form> =>
  ({ gpu, g, direction, epilogue }, [a, b, out], form) =>
    launches[direction](gpu, g, a, b, out, form, epilogue);

/** For kernels that leave the epilogue to a pass of its own. */
const unfused =
  <Form>(run: Run<Form>): Run<Form> =>
  (job, slices, form) => {
    run(job, slices, form);
    const { gpu, g, epilogue } = job;
    applyEpilogue(gpu, slices[2], g.n * g.ho * g.wo, g.co, epilogue, storageOf(g));
  };

const always = (): boolean => true;
/** Kernels for software adapters are f32, those for GPUs take both. */
const widens = ({ gpu, g }: ConvJob): boolean => !!g.half && gpu.machine.matmul.stationary;
const stands = ({ gpu, g }: ConvJob): boolean => stationaryFits(gpu, g);
/** A software adapter whose subgroups the stationary kernels are not written for. */
const isNarrow = ({ gpu }: ConvJob): boolean => gpu.machine.matmul.stationary && stationaryLanes(gpu) !== 8;
/**
 * Where 2×2 tiles are best there, for the stationary kernel of matrices, which takes 16 rows at once, multiplies them. Measured on SwiftShader, 4 lanes, 3×3, processor time:
 * 16 → 16 channels of 4×32×32 take 0.22 of the tiled kernel's time; 8 → 8 as long as plain, 4 → 4 five times as long. With stride 2 plain and tiled take the same
 * time, and tiled longer to compile.
 */
const multipliesNarrow = (job: ConvJob): boolean =>
  isNarrow(job) && stationaryLanes(job.gpu) === 4 && Math.min(job.g.ci, job.g.co) >= 16;
const usesUnits = ({ gpu, g }: ConvJob): boolean =>
  !!g.half && !gpu.machine.matmul.stationary && matrixConvFits(gpu, g);

/** A deep product with a small result, for which `matrix` shares the depth out among workgroups; the product's kernel on the units does not. */
const isDeep = (job: ConvJob): boolean => job.direction === 'weightGradient' && usesUnits(job) && pointwiseFits(job.g);

function gemmFirst(job: ConvJob): boolean {
  const { gpu, g, direction } = job;
  if (isDeep(job)) return false;
  return !stands(job) || (direction !== 'weightGradient' && g.ci * g.co >= gpu.machine.conv.gemmFrom);
}

function winogradFirst(job: ConvJob): boolean {
  const { gpu, g, direction } = job;
  const { work, channels, tiles: least } = gpu.machine.winograd.from;
  const tiles = g.n * Math.ceil(g.ho / 4) * Math.ceil(g.wo / 4);
  const instead = stands(job) || (!gpu.machine.matmul.stationary && !g.half);
  return instead && Math.min(g.ci, g.co) >= channels && tiles >= least && g.ci * g.co * tiles >= work[direction];
}

/** Its errors of 1e-5 carry activations across a ReLU's edge, which changes gradients by 1e-3; those of a gradient stay 1e-5. */
const lowPrecision = ({ g, direction }: ConvJob): boolean => direction === 'forward' && !g.half;

/** Best guess first, but for what `first` says. 'product' is a 1×1 convolution as a matrix product, 'widened' f16 by way of the f32 kernels. */
export const CONV_KERNELS: KernelEntry<ConvJob>[] = [
  { name: 'widened', when: widens, first: always, run: unfused(throughF32) },
  { name: 'depthwise', when: ({ g }) => depthwiseFits(g), first: always, run: unfused(by(depthwise)) },
  { name: 'stationary', when: stands, run: unfused(by(stationary)) },
  { name: 'product', when: ({ g }) => pointwiseFits(g), first: gemmFirst, run: unfused(by(pointwise)) },
  { name: 'tiled', when: ({ g }) => tiledFits(g), forms: tiledForms, run: by(tiled) },
  {
    name: 'matrix',
    when: usesUnits,
    first: (job) => isDeep(job) || convCost(job.g).flops >= 2 * job.gpu.machine.matmul.matrixFrom,
    forms: matrixForms,
    run: unfused(by(matrix)),
  },
  { name: 'winograd 2', when: ({ g }) => winogradFits(g), first: multipliesNarrow, run: unfused(by(winograd(2))) },
  {
    name: 'winograd 4',
    when: ({ g }) => winogradFits(g),
    first: winogradFirst,
    lowPrecision,
    run: unfused(by(winograd(4))),
  },
  { name: 'plain', first: isNarrow, run: unfused(by(plain)) },
];

/** Elements of the slices of a direction. */
function counts({ g, direction }: ConvJob): number[] {
  const [x, w, y] = [inputCount(g), weightCount(g), outputCount(g)];
  return { forward: [x, w, y], dataGradient: [y, w, x], weightGradient: [x, y, w] }[direction];
}

/** Records a direction of a convolution, `slices` being x, w, y, or dy, w, dx, or x, dy, dw, with the kernel that the tuner picks. */
export function convolve(job: ConvJob, slices: Slice[]): void {
  const { gpu, g, direction } = job;
  const [first, , result] = counts(job);
  if (first === 0 || result === 0) {
    if (result > 0) gpu.fill(slices[2], 0);
    return;
  }
  const stored = storageOf(g);
  const types = [stored, stored, direction === 'weightGradient' ? 'f32' : stored] as const;
  gpu.tuner
    .select({
      key: convKey(direction, g),
      sizes: counts(job).map((count, i) => count * bytesOf(types[i])),
      types,
      candidates: candidatesFor(CONV_KERNELS, job),
      alone: () => candidatesFor(CONV_KERNELS, { ...job, epilogue: {} }),
    })
    .run(slices);
}

function throughF32(job: ConvJob, slices: Slice[]): void {
  const { gpu, g, direction } = job;
  const full: ConvJob = { ...job, g: { ...g, half: false }, epilogue: {} };
  castThroughF32(gpu, counts(job), direction === 'weightGradient', (made) => convolve(full, made), slices);
}
