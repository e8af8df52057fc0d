// Grad-CAM (Selvaraju et al. 2017): where a network looked for a class. A layer's channels, each weighted by how much the class's logit grows with it.
import { needArguments } from '../../gpu/index.ts';
import { classesOf, classifierOf, Network } from '../../models/index.ts';
import { EVAL } from '../../nn/index.ts';
import { max } from '../../ops/index.ts';
import { frozen, full, needTensors, scope, shapeText, type Tensor, tensor } from '../../tensor/index.ts';
import { innerGradient } from './inner-gradient.ts';
import { ExplainError, findLayer, laidMaps, type MapSize } from './layers.ts';

/** Which layer and which classes Grad-CAM looks at. */
export interface GradCamOptions {
  /** A node of the network's graph, or a convolution or normalization in it. Default: see findLayer. */
  layer?: string;
  /** The class to explain for each image. Default: the one with the highest logit, the first of equal ones. */
  classes?: ArrayLike<number>;
  /** Runs the forward pass under gates: `(fn) => regulator.layout.gated(regulator.gate, fn)`. */
  under?: <T>(fn: () => T) => T;
}

/** Grad-CAM's maps for a batch of images (Selvaraju et al. 2017). */
export interface ClassMaps extends MapSize {
  /** The node that was looked at; height and width are its own. */
  layer: string;
  /** For each image max(Σ weight · activation, 0) over the channels, height × width, not normalized: of a transformer over its patches. Its unit is that of the logit. */
  maps: Float32Array[];
  /** For each image each channel's weight: the mean over positions of d logit / d activation. */
  weights: Float32Array[];
  /** The class that each map explains. */
  classes: number[];
  /** Images × classes. */
  logits: Float32Array;
}

/** f16 gradients are made larger by this on their way, or those of early layers, which share out a logit over many positions, would be lost. */
const HALF_SCALE = 1024;

/**
 * Maps of class evidence for images [N,H,W,C], normalized as the network takes them, in evaluation mode: running statistics, so that images do not see each
 * other. Only the layer's activations get a gradient; parameters and what is in their `.grad` stay as they are. Throws ExplainError for a layer without a map
 * for classes that the network does not have, and for one without classes.
 *
 * @example
 * const { maps, height, width, classes } = await gradCam(network, images);
 */
export async function gradCam(network: Network, images: Tensor, options: GradCamOptions = {}): Promise<ClassMaps> {
  needArguments('gradCam', Network, { network });
  needTensors('gradCam', images);
  const { graph, precision } = network;
  if (images.shape.length !== 4)
    throw new ExplainError(
      `gradCam takes images [N×H×W×C], not ${shapeText(images.shape)}; one image is a batch of one`,
    );
  const classifier = classifierOf(graph);
  if (!classifier) throw new ExplainError(`${graph.model} tells no classes apart, so there is no class to explain`);
  const [count, imageHeight, imageWidth] = images.shape;
  const size = { height: imageHeight, width: imageWidth };
  const layer = findLayer(graph, size, options.layer);
  const { height, width, front } = laidMaps(graph, size).get(layer)!;
  const asked = options.classes && checkClasses(network, options.classes, count);
  const factor = precision === 'f16' ? HALF_SCALE : 1;

  // All of it is recorded before the first wait: gates around this call would be gone after it.
  const taken = scope(() => {
    const x = images.detach();
    x.requiresGrad = true;
    const run = (): Tensor[] => network.values(x, EVAL, [layer, classifier.node]);
    const constants = [...network.arena.tensors.values()];
    const [activation, logits] = frozen(constants, () => (options.under ? options.under(run) : run()));
    const seen = logits.detach();
    const output = asked ? logits : max(logits, 1);
    const start = asked ? chosen(logits, asked, factor) : full(logits.gpu, output.shape, factor, 'chosen logits');
    const gradient = innerGradient(output, activation, start);
    return gradient && { activation, gradient, logits: seen };
  });
  if (!taken) throw new ExplainError(`the logits of ${graph.model} do not depend on its layer ${layer}`);

  try {
    const [activations, gradients, logits] = await Promise.all([
      taken.activation.floats(),
      taken.gradient.floats(),
      taken.logits.floats(),
    ]);
    const channels = taken.activation.shape.at(-1)!;
    const layout = { positions: height * width, channels, front };
    const weights = Array.from({ length: count }, (_, i) => channelWeights(gradients, i, layout, factor));
    const maps = weights.map((weight, i) => weightedMap(activations, weight, i, layout));
    const classes = asked ?? Array.from({ length: count }, (_, i) => highest(logits, i, classesOf(graph)));
    return { layer, maps, weights, height, width, classes, logits };
  } finally {
    for (const made of Object.values(taken)) made.release();
  }
}

function checkClasses({ graph }: Network, classes: ArrayLike<number>, count: number): number[] {
  const there = classesOf(graph);
  if (classes.length !== count)
    throw new ExplainError(`${classes.length} classes are given for ${count} images; gradCam takes one for each`);
  return Array.from(classes, (asked, i) => {
    if (Number.isInteger(asked) && asked >= 0 && asked < there) return asked;
    throw new ExplainError(`class ${asked} for image ${i}: ${graph.model} has ${there} classes, 0 to ${there - 1}`);
  });
}

/** The gradient that picks one logit of each image. */
function chosen({ gpu, shape }: Tensor, classes: readonly number[], factor: number): Tensor {
  const values = new Float32Array(shape[0] * shape[1]);
  for (const [i, asked] of classes.entries()) values[i * shape[1] + asked] = factor;
  return tensor(gpu, values, shape, 'chosen logits');
}

/** Of a layer's value for one image. */
interface Layout {
  positions: number;
  channels: number;
  /** Tokens before the positions. */
  front: number;
}

/** Where the channels of a position begin. */
const placeOf = ({ positions, channels, front }: Layout, image: number, position: number): number =>
  (image * (front + positions) + front + position) * channels;

function channelWeights(gradients: Float32Array, image: number, layout: Layout, factor: number): Float32Array {
  const { positions, channels } = layout;
  const sums = new Float64Array(channels);
  for (let p = 0; p < positions; p++)
    for (let c = 0; c < channels; c++) sums[c] += gradients[placeOf(layout, image, p) + c];
  return Float32Array.from(sums, (sum) => sum / (positions * factor));
}

function weightedMap(activations: Float32Array, weights: Float32Array, image: number, layout: Layout): Float32Array {
  return Float32Array.from({ length: layout.positions }, (_, p) => {
    let sum = 0;
    for (let c = 0; c < layout.channels; c++) sum += weights[c] * activations[placeOf(layout, image, p) + c];
    return Math.max(0, sum);
  });
}

function highest(logits: Float32Array, image: number, classes: number): number {
  const row = logits.subarray(image * classes, (image + 1) * classes);
  return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
}
