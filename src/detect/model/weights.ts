// Weights for a detector that others trained: a backbone's, of a network that tells classes apart, or those of a whole published BoxInst.
import { type ChannelStats, NORMALIZATIONS } from '../../data/index.ts';
import { parseJson } from '../../gpu/index.ts';
import { CheckpointError, type StoredTensor } from '../../io/index.ts';
import { describeModel, type Graph, Network } from '../../models/index.ts';
import {
  floatsOf,
  isIgnored,
  loadStateDict,
  StateDictError,
  type StateTensor,
  stateDictMismatches,
} from '../../nn/index.ts';
import { fitWeights, readStartingWeights } from '../../train/index.ts';
import type { BoxInst } from './box-inst.ts';
import { detectorNames } from './names.ts';
import { backboneGraph } from './pyramid.ts';

const BOTTOM_UP = 'backbone.bottom_up.';

/** A network for a detector to stand on. */
export interface Backbone {
  /** Without its head. */
  graph: Graph;
  /** Its values by the names of the graph, in torch layout. */
  dict: Map<string, StateTensor>;
  /** Of the images that it was trained on. */
  normalization: ChannelStats;
}

/**
 * Reads a backbone: a network that astrogpu trained (gates are folded in; compacted or not), or a checkpoint of `model`, by default resnet50-imagenet, by torchvision's,
 * timm's or Detectron2's names, which is taken to want torchvision's normalization. Throws CheckpointError that lists what does not fit, and GraphError for a network
 * without maps of strides 8, 16 and 32.
 */
export function readBackbone(file: string, model = 'resnet50-imagenet'): Backbone {
  const { tensors, network, metadata } = readStartingWeights(file);
  if (metadata.detector !== undefined)
    throw new CheckpointError(file, 'this is a detector; a backbone is a network that tells classes apart');
  const whole = network?.graph ?? describeModel(model);
  const graph = backboneGraph(whole);
  try {
    const { dict } = fitWeights(new Network(whole), tensors, { classifier: 'skip' });
    const own = new Network(graph);
    const names = [...own.namedParameters(), ...own.namedBuffers()].map(([name]) => name);
    return {
      graph,
      dict: new Map(names.map((name) => [name, dict.get(name)!])),
      normalization: normalizationOf(file, metadata.normalization),
    };
  } catch (error) {
    throw error instanceof StateDictError ? new CheckpointError(file, error.message).listing(error.details) : error;
  }
}

function normalizationOf(file: string, text: string | undefined): ChannelStats {
  if (text === undefined) return NORMALIZATIONS.imagenet;
  return parseJson(
    text,
    (reason) => new CheckpointError(file, `its "normalization" is none (${reason})`),
  ) as ChannelStats;
}

/** Fills a detector's backbone; the rest stays as it is. Throws StateDictError for values of another graph, and then has changed nothing. */
export function loadBackbone(detector: BoxInst, dict: ReadonlyMap<string, StateTensor>): void {
  const own = [...detector.namedParameters(), ...detector.namedBuffers()].map(([name]) => name);
  const rest = new Set(own.filter((name) => !name.startsWith(BOTTOM_UP)));
  loadStateDict(detector, new Map([...dict].map(([name, tensor]) => [`${BOTTOM_UP}${name}`, tensor])), rest);
}

/** How the pixels come to published weights: `rgb` as torchvision's, `bgr` as Caffe's, from 0 to 255 with a mean taken off, which is what Detectron2's own ResNets want. */
export type PublishedPixels = 'rgb' | 'bgr';

/** Of pixels from 0 to 1 in the order R, G, B. */
const CAFFE: ChannelStats = {
  mean: [123.675 / 255, 116.28 / 255, 103.53 / 255],
  std: [1 / 255, 1 / 255, 1 / 255],
};

/** Published weights as a detector's own. */
export interface PublishedWeights {
  /** What detector.loadStateDict() takes. */
  dict: Map<string, StateTensor>;
  /** What images are to be normalized by. */
  normalization: ChannelStats;
  /** Names of the file that were left out: of what only training has, and counters. */
  skipped: string[];
}

/**
 * A published BoxInst or CondInst by AdelaiDet's names. Where its pixels are `bgr` (the default: AdelaiDet's ResNets start from Detectron2's), the first convolution is turned
 * round, so that it takes R, G, B, and the normalization is Caffe's; such a ResNet50 has its strides in the 1×1 convolutions (`strideFirst` of resnet()). Throws
 * StateDictError that lists what is missing, left over, of another shape or no floating-point numbers.
 */
export function publishedWeights(
  detector: BoxInst,
  tensors: ReadonlyMap<string, StoredTensor>,
  { pixels = 'bgr' }: { pixels?: PublishedPixels } = {},
): PublishedWeights {
  const wanted = new Map([...detector.namedParameters(), ...detector.namedBuffers()]);
  const names = detectorNames(detector, tensors.keys());
  const found = new Map<string, StoredTensor>();
  const skipped: string[] = [];
  for (const [name, tensor] of tensors) {
    const own = names.get(name);
    if (own === undefined || isIgnored(own)) skipped.push(name);
    else found.set(own, tensor);
  }
  const wrong = stateDictMismatches(wanted, found);
  const dict = new Map<string, StateTensor>();
  for (const [name, tensor] of found) {
    const data = floatsOf(tensor);
    if (data) dict.set(name, { shape: tensor.shape, data });
    else wrong.push(`${name} is ${tensor.dtype}, weights are F32, F64, F16 or BF16`);
  }
  if (wrong.length > 0) throw StateDictError.of(wrong);
  if (pixels === 'rgb') return { dict, normalization: NORMALIZATIONS.imagenet, skipped };
  const [first] = detector.backbone.bottom_up.gatedLayers();
  const stem = `${BOTTOM_UP}${first.name}.weight`;
  dict.set(stem, turnedRound(dict.get(stem)!));
  return { dict, normalization: CAFFE, skipped };
}

/** A convolution's weight for the same channels in the opposite order. */
function turnedRound({ shape, data }: StateTensor): StateTensor {
  const [, inputs, height, width] = shape;
  const area = height * width;
  return {
    shape,
    data: data.map((_, i) => {
      const [at, channel, output] = [i % area, Math.floor(i / area) % inputs, Math.floor(i / area / inputs)];
      return data[(output * inputs + inputs - 1 - channel) * area + at];
    }),
  };
}
