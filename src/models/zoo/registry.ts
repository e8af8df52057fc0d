// Task networks by name. A new one is one line here.
import { AstroError } from '../../gpu/index.ts';
import { networkParameters } from '../graph/cost.ts';
import type { Graph } from '../graph/graph.ts';
import { Network, type NetworkOptions } from '../network.ts';
import { densenet } from './densenet.ts';
import { resnet } from './resnet.ts';
import { vgg } from './vgg.ts';
import { vit } from './vit.ts';

const WIDTHS = [64, 128, 256, 512];
const VGG16 = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

interface Size {
  classes: number;
  /** A width as the model has it to the one wanted: for networks made thinner. */
  scaled: (width: number) => number;
  /** Side of the images, where another than the model's own is wanted. */
  size?: number;
}

type Maker = (model: string, size: Size) => Graph;

const cifarResnet =
  (blocks: number[], widths = WIDTHS): Maker =>
  (model, { classes, scaled }) =>
    resnet({ model, blocks, widths: widths.map(scaled), classes, stem: 'cifar' });
const imagenetResnet =
  (blocks: number[], expansion: 1 | 4): Maker =>
  (model, { classes, scaled }) =>
    resnet({ model, blocks, widths: WIDTHS.map(scaled), classes, stem: 'imagenet', expansion });
const cifarDensenet =
  (layers: number[], growth: number): Maker =>
  (model, { classes, scaled }) =>
    densenet({ model, layers, growth: scaled(growth), stem: 2 * scaled(growth), classes });

/** Of one head, as in all of DeiT's sizes: thinner networks have fewer heads, as near to this as their width allows. */
const HEAD = 64;
const vitOf =
  (own: { size: number; patch: number; blocks: number; heads: number }): Maker =>
  (model, { classes, scaled, size = own.size }) => {
    const wanted = scaled(own.heads * HEAD);
    const heads = Math.max(1, Math.round(wanted / HEAD));
    return vit({ ...own, model, size, heads, width: heads * Math.floor(wanted / heads), classes });
  };

/** What one gate multiplies that a model does best with. */
export type UsualGate = 'connection' | 'filter';

interface ModelEntry {
  make: Maker;
  /** Default 10. */
  classes?: number;
  /** Default connection. */
  gate?: UsualGate;
}

const makers: Record<string, ModelEntry> = {
  resnet18: { make: cifarResnet([2, 2, 2, 2]) },
  resnet34: { make: cifarResnet([3, 4, 6, 3]) },
  'densenet-bc-100-12': { make: cifarDensenet([16, 16, 16], 12) },
  vgg16: {
    make: (model, { classes, scaled }) => vgg({ model, stages: VGG16.map((stage) => stage.map(scaled)), classes }),
  },
  'resnet18-imagenet': { make: imagenetResnet([2, 2, 2, 2], 1), classes: 1000 },
  'resnet34-imagenet': { make: imagenetResnet([3, 4, 6, 3], 1), classes: 1000 },
  'resnet50-imagenet': { make: imagenetResnet([3, 4, 6, 3], 4), classes: 1000 },
  'resnet-small': { make: cifarResnet([1, 1, 1], [16, 32, 64]) },
  'vit-b-16': { make: vitOf({ size: 224, patch: 16, blocks: 12, heads: 12 }), classes: 1000, gate: 'filter' },
  'vit-s-16': { make: vitOf({ size: 224, patch: 16, blocks: 12, heads: 6 }), classes: 1000, gate: 'filter' },
  'vit-t-16': { make: vitOf({ size: 224, patch: 16, blocks: 12, heads: 3 }), classes: 1000, gate: 'filter' },
  'vit-tiny-cifar': { make: vitOf({ size: 32, patch: 4, blocks: 6, heads: 3 }), gate: 'filter' },
  'densenet-small': { make: cifarDensenet([3, 3, 3], 8) },
};

/** Names that createModel takes. */
export const modelNames: readonly string[] = Object.keys(makers);

/** What has a gate where nothing was said (docs/method.md §1, §13): connections, of a transformer filters. */
export const usualGate = (name: string): UsualGate =>
  (Object.hasOwn(makers, name) ? makers[name].gate : undefined) ?? 'connection';

/** One channel in every layer of every model. */
const THINNEST = 2 ** -12;

/** What may differ from a model as it is published. */
export interface ModelOptions {
  /** Default 10, for the ImageNet layouts 1000. */
  classes?: number;
  /** Every layer's channels in parts of the model's own, in (0, 1]; at least one channel stays. Default 1. */
  width?: number;
  /** Side of the images that it is made for. Default the model's own. */
  size?: number;
}

/** A network's description by name. Throws AstroError that lists the names, for a width outside (0, 1], and for a size that does not fit. */
export function describeModel(name: string, { classes, width = 1, size }: ModelOptions = {}): Graph {
  const found = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (!found) throw new AstroError(`there is no model "${name}"; there are ${modelNames.join(', ')}`);
  if (!(width > 0 && width <= 1)) throw new AstroError(`model ${name}: width ${width}; takes a number from 0 to 1`);
  const scaled = (full: number): number => Math.max(1, Math.round(full * width));
  const graph = found.make(name, { classes: classes ?? found.classes ?? 10, scaled, size });
  return { ...graph, size: size ?? graph.size };
}

/** A network by name, without memory yet. Throws as describeModel does. */
export const createModel = (name: string, options: ModelOptions & NetworkOptions = {}): Network =>
  new Network(describeModel(name, options), options);

/**
 * The width at which a model comes nearest to a number of parameters from below: the uniformly thinner network of docs/method.md §8 (d). Where even one channel a
 * layer has more, it is that.
 */
export function widthFor(name: string, parameters: number, options: Omit<ModelOptions, 'width'> = {}): number {
  const count = (width: number): number => networkParameters(describeModel(name, { ...options, width }));
  if (count(1) <= parameters) return 1;
  let [low, high] = [THINNEST, 1];
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (count(middle) <= parameters) low = middle;
    else high = middle;
  }
  return low;
}
