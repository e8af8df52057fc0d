// What the files of test/golden/ hold, as golden.ts reads them: tensors by formula, tensors in full or by a summary, and what stands around them.
/** A tensor given by formulaUniform(name, shape, scale, offset). */
export interface FormulaTensor {
  name: string;
  shape: number[];
  scale?: number;
  offset?: number;
}

/** A tensor in full. `f32`: relative l2 error of torch's own float32 run (absolute where the tensor is zero): tolerances start from it. */
export interface Full {
  shape: number[];
  values: number[];
  f32: number;
}

/** What is kept of a big tensor: norm, sum, largest magnitude, dot product with formulaUniform(`${name}#probe`), values at sampleIndices(name). */
export interface Summary {
  shape: number[];
  l2: number;
  sum: number;
  max: number;
  dot: number;
  samples: number[];
  f32: number;
}

export type Named<T> = Record<string, T>;

/** `margin`: distance of the nearest activation from a kink (ReLU, max-pool), in standard deviations. */
interface Run {
  input: FormulaTensor;
  margin: number;
}

/**
 * One train-mode forward and backward from formulaParameter weights and running statistics 0 / 1; no parameter is updated. `gains`: factors of the
 * formula's parameters by the end of their names. `buffers`: running statistics after that forward (momentum 0.1, unbiased variance). `evalLogits`:
 * eval mode under them. Logits of many classes are a summary by the name `logits`.
 */
export interface BackboneGolden<Logits = Full> extends Run {
  parameterCount: number;
  labels: number[];
  labelSmoothing: number;
  gains?: Named<number>;
  logits: Logits;
  loss: number;
  gradients: Named<Summary>;
  inputGradient?: Summary;
  buffers?: Named<Summary>;
  evalLogits?: Logits;
}

/** Three SGD steps on one batch; `losses` before each step; the rest after the third. Weight decay is coupled, on all parameters. */
export interface ResnetSmallGolden extends Run {
  parameterCount: number;
  labels: number[];
  sgd: { lr: number; momentum: number; nesterov: boolean; weightDecay: number };
  losses: Full;
  parameters: Named<Summary>;
  buffers: Named<Summary>;
  evalLogits: Full;
}

/** An astrocyte network on a batch of maps of one size. loss = mean(logits · probe). */
export interface MapsCase extends Run {
  probe: FormulaTensor;
  logits: Full;
  loss: number;
  gradients: Named<Summary>;
  inputGradient: Full;
}

/** `parameterCount`: of cnn without its heads, of which each case has the one for its maps. */
export interface MapsGolden {
  parameterCount: number;
  cases: MapsCase[];
}

/**
 * conv1 and conv2 (3×3, padding 1, no bias), each with ReLU, global average pool, fc; `nn` are the shapes of its formulaParameter weights. The gate
 * maps are Cout × Cin. `gateGradients`: of the whole loss, with respect to P. Adam's first step is lr·g / (|g| + eps), so an entry of
 * `parametersAfter` whose gradient is lost in rounding (score.bias: exactly 0) is only good to ±lr.
 */
export interface AnStepGolden extends Run {
  trial: number;
  labels: number[];
  nn: Named<number[]>;
  previousGates: Named<Required<FormulaTensor>>;
  lambda: number;
  ePrevious: number;
  adam: { lr: number; beta1: number; beta2: number; eps: number };
  features: Named<Full>;
  anLogits: Named<Full>;
  gates: Named<Full>;
  logits: Full;
  crossEntropy: number;
  e: number;
  loss: number;
  gateGradients: Named<Full>;
  gradients: Named<Summary>;
  parametersAfter: Named<Summary>;
}

export interface OptimCase {
  kind: 'sgd' | 'adam' | 'adamw';
  lr: number;
  momentum?: number;
  nesterov?: boolean;
  beta1?: number;
  beta2?: number;
  eps?: number;
  weightDecay: number;
  decoupled: boolean;
  final: Full;
}

/** The gradient of step k = 1..steps is formulaUniform(gradient + k). */
export interface OptimGolden {
  steps: number;
  w: FormulaTensor;
  gradient: string;
  cases: OptimCase[];
}

/** Inputs are formulaUniform(`${name}.${input}`), the gradient of the output formulaUniform(`${name}.dy`), or 1 for a scalar. `outputs`: y, d<input>, and state. */
export interface OpCase {
  name: string;
  op: 'conv2d' | 'convTranspose2d' | 'maxPool2d' | 'avgPool2d' | 'batchNorm' | 'crossEntropy' | 'resize';
  inputs: Named<number[]>;
  options: Named<number | boolean | string | number[]>;
  outputs: Named<Full>;
}

/** As OpCase, inputs times `scale`; options that are shapes are formulaUniform(`${name}.${option}`) + 1.5. */
export interface LossCase {
  name: string;
  op:
    | 'mse'
    | 'l1'
    | 'smoothL1'
    | 'huber'
    | 'binaryCrossEntropyWithLogits'
    | 'sigmoidFocalLoss'
    | 'klDivergence'
    | 'crossEntropy'
    | 'cosineSimilarity'
    | 'cosineEmbeddingLoss';
  inputs: Named<number[]>;
  scale: number;
  target?: { labels: boolean; shape: number[]; values: number[] };
  options: Named<number | boolean | string | number[]>;
  outputs: Named<Full>;
}

/** What Pillow makes of test/data/transform/picture.ts's pictures, bytes as base64. */
export interface PicturesGolden {
  crops: { draws: string; size: [number, number]; scale: [number, number]; ratio: [number, number]; box: number[] }[];
  erased: { draws: string; size: number; area: [number, number]; ratio: number; box: number[] | null }[];
  cuts: { size: number; share: number; row: number; column: number; box: number[]; labels: number }[];
  resized: { box: number[]; size: [number, number]; interpolation: 'bilinear' | 'bicubic'; pixels: string }[];
  evaluated: {
    picture: [number, number];
    size: number;
    resize: number;
    interpolation: 'bilinear' | 'bicubic';
    pixels: string;
  }[];
  augmented: {
    space: 'torchvision' | 'timm';
    op: string;
    magnitude: number;
    side: number;
    sampling?: 'bilinear';
    pixels: string;
  }[];
  encoded: { name: string; bytes: string; rgb: string; size: [number, number] }[];
}

/**
 * A vision transformer by timm's names, one forward and backward pass from formulaParameter weights. `keep`: whether gradients are there. The logits are a summary by
 * the name `logits`.
 */
export interface VitCase {
  name: string;
  parameterCount: number;
  side: number;
  patch: number;
  width: number;
  blocks: number;
  heads: number;
  classes: number;
  labels: number[];
  keep: boolean;
  input: FormulaTensor;
  labelSmoothing: number;
  logits: Summary;
  loss: number;
  gradients?: Named<Summary>;
  inputGradient?: Summary;
}

/** `adamw`: steps on the batch of the case that it names, with decay on matrices and kernels only; losses before each step. */
export interface VitGolden {
  cases: VitCase[];
  adamw: { of: string; lr: number; decay: number; steps: number; losses: Full; parameters: Named<Summary> };
}

/** formulaUniform(`places.${side}.${wanted}`) for a square of patches behind one token, made to fit another. */
export interface PositionsCase {
  side: number;
  wanted: number;
  channels: number;
  values: number[];
}

/** Part of a picture, u8 [height, width, 3], whose first `rows` count, and its similarity of colors at stride 4 by BoxInst's original implementation on the whole picture, f32; both as base64. */
export interface ColorSimilarityGolden {
  note: string;
  rows: number;
  shape: [number, number, number];
  pixels: string;
  similarity: string;
}

/** AdelaiDet's FCOS at some locations of two images, see its `note`; texts are f32 in base64. */
export interface FcosGolden {
  note: string;
  classes: number;
  sides: [height: number, width: number][];
  boxes: number[][][];
  labels: number[][];
  places: [image: number, location: number][];
  positives: [image: number, location: number, label: number, object: number][];
  wanted: string;
  logits: string;
  regression: string;
  centerness: string;
  gradLogits: string;
  gradRegression: string;
  gradCenterness: string;
  losses: [classification: number, location: number, centerness: number];
}

/** A BoxInst's backbone (a ResNet of ImageNet's layout) and widths, as detector.py has them. */
export interface DetectorConfig {
  blocks: number[];
  widths: number[];
  expansion: 1 | 4;
  classes: number;
  channels: number;
  towers: number;
  mask_channels: number;
  mask_towers: number;
  mask_features: number;
}

/** One pass in training, the stem, the first stage and the backbone's norms frozen. Gradients are those of Σ output · formulaUniform(`d${name}`), `buffers` the mask branch's. */
export interface DetectorGolden extends Run {
  config: DetectorConfig;
  parameterCount: number;
  outputs: Named<Summary>;
  gradients: Named<Summary>;
  buffers: Named<Summary>;
}

/** Losses of a whole BoxInst on one image, whose colors detector.py writes down; `f32`: relative errors of torch's own float32 run. */
export interface DetectorFullGolden {
  config: DetectorConfig;
  parameterCount: number;
  height: number;
  width: number;
  boxes: number[][];
  classes: number[];
  bottomRows: number;
  instances: number;
  levels: number[];
  similarPairs: number;
  /** Of the similarity that is nearest to the threshold. */
  threshold: number;
  losses: Named<number>;
  f32: Named<number>;
}

export interface FormulaGolden {
  seeds: Named<number>;
  uniform: Named<number[]>;
  scaled: number[];
  parameters: Named<{ shape: number[]; values: number[] }>;
  last: number;
  summary: Summary;
}
