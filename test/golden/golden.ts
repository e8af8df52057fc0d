// Typed access to the reference values that PyTorch computed in float64 (make_goldens.py), and the comparisons against them.
// All tensors are in torch's layouts: activations NCHW, kernels OIHW, transposed kernels IOHW, linear weights out × in.
import { readFileSync } from 'node:fs';
import { formulaUniform, sampleIndices, sizeOf } from './formula.ts';
import type {
  AnStepGolden,
  BackboneGolden,
  ColorSimilarityGolden,
  DetectorFullGolden,
  DetectorGolden,
  FcosGolden,
  FormulaGolden,
  FormulaTensor,
  Full,
  LossCase,
  MapsGolden,
  OpCase,
  OptimGolden,
  PicturesGolden,
  PositionsCase,
  ResnetSmallGolden,
  Summary,
  VitGolden,
} from './types.ts';

export type * from './types.ts';

export interface Goldens {
  formula: FormulaGolden;
  resnet18: BackboneGolden;
  resnet34: BackboneGolden;
  'densenet-bc-100-12': BackboneGolden;
  vgg16: BackboneGolden;
  'resnet18-imagenet': BackboneGolden<Summary>;
  'resnet34-imagenet': BackboneGolden<Summary>;
  'resnet50-imagenet': BackboneGolden<Summary>;
  'resnet-small': ResnetSmallGolden;
  unet: MapsGolden;
  fcn: MapsGolden;
  cnn: MapsGolden;
  'an-step': AnStepGolden;
  optim: OptimGolden;
  ops: { layout: 'NCHW'; cases: OpCase[] };
  resize: { layout: 'NCHW'; cases: OpCase[] };
  losses: { cases: LossCase[] };
  pictures: PicturesGolden;
  vit: VitGolden;
  'vit-full': Pick<VitGolden, 'cases'>;
  positions: PositionsCase[];
  'color-similarity': ColorSimilarityGolden;
  fcos: FcosGolden;
  detector: DetectorGolden;
  'detector-full': DetectorFullGolden;
}

export const goldenNames = [
  'formula',
  'resnet18',
  'resnet34',
  'densenet-bc-100-12',
  'vgg16',
  'resnet18-imagenet',
  'resnet34-imagenet',
  'resnet50-imagenet',
  'resnet-small',
  'unet',
  'fcn',
  'cnn',
  'an-step',
  'optim',
  'ops',
  'resize',
  'losses',
  'pictures',
  'vit',
  'vit-full',
  'positions',
  'fcos',
  'detector',
  'detector-full',
] as const satisfies (keyof Goldens)[];

export function loadGolden<K extends keyof Goldens>(name: K): Goldens[K] {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as Goldens[K];
}

/** The tensor a golden names as its input. */
export function formulaTensor(t: FormulaTensor): Float32Array {
  return formulaUniform(t.name, t.shape, t.scale, t.offset);
}

function checkSize(shape: number[], values: ArrayLike<number>): void {
  if (values.length !== sizeOf(shape))
    throw new RangeError(`golden of shape [${shape}] compared with ${values.length} values`);
}

/** Relative l2 error against a full tensor; absolute where that is zero. */
export function fullError(golden: Full, values: ArrayLike<number>): number {
  checkSize(golden.shape, values);
  let norm = 0;
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    norm += golden.values[i]! ** 2;
    error += (values[i]! - golden.values[i]!) ** 2;
  }
  return Math.sqrt(norm ? error / norm : error);
}

/**
 * The worst of four relative errors against a summary (absolute where the tensor is zero): norm and dot product against the norm, sum against its
 * bound √n·norm, samples against the largest magnitude. Of the order of the tensor's relative l2 error where rounding is to blame.
 */
export function summaryError(name: string, golden: Summary, values: ArrayLike<number>): number {
  checkSize(golden.shape, values);
  const probe = formulaUniform(`${name}#probe`, golden.shape);
  let [square, sum, dot] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    square += values[i]! ** 2;
    sum += values[i]!;
    dot += values[i]! * probe[i]!;
  }
  const scale = golden.l2 || 1;
  const places = sampleIndices(name, values.length);
  return Math.max(
    Math.abs(Math.sqrt(square) - golden.l2) / scale,
    Math.abs(dot - golden.dot) / scale,
    Math.abs(sum - golden.sum) / (scale * Math.sqrt(values.length)),
    ...golden.samples.map((s, i) => Math.abs(values[places[i]!]! - s) / (golden.max || 1)),
  );
}
