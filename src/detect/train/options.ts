// The options of the job that trains a detector: the one place where one is added, changed or renamed. The defaults are BoxInst's on COCO, which are Detectron2's for 90,000 iterations;
// those of the small preset are a run that ends in minutes on two cores.
import { DECODERS } from '../../data/index.ts';
import { ConfigError } from '../../gpu/index.ts';
import { type Given, option, type Reader, read, toggle } from '../../train/index.ts';

/** Some numbers with commas between them. */
function numbers(one: Reader<number>, what: string): Reader<number[]> {
  const takes = `${what}, with commas between them`;
  const list = (given: string, field: string): number[] => {
    const items = given.split(',').filter(Boolean);
    if (items.length === 0) throw new ConfigError(field, (name) => `${name(field, given)}: takes ${takes}`);
    return items.map((item) => one(item, field));
  };
  return Object.assign(list, { takes });
}

/** Sides of images, in pixels. */
const side = read.whole(32, 8192);

/** Of a detector's training, the options that decide what it computes, by the names of their settings; DetectorConfig has a value for each. */
export const DETECTOR_OPTIONS = {
  data: option({
    usual: true,
    group: 'data',
    value: 'DIR',
    read: read.text,
    help: "COCO's images with their instances: train2017/, val2017/ and annotations/, or images/ and instances.json",
  }),
  images: option({
    usual: true,
    group: 'data',
    value: 'N',
    read: read.whole(),
    help: 'training images to use, the first ones with an object; without a part for testing the run is measured on them',
    defaultText: 'all',
  }),
  testImages: option({
    group: 'data',
    value: 'N',
    read: read.whole(),
    help: 'test images to use, the first ones',
    defaultText: 'all',
  }),
  short: option({
    group: 'data',
    value: 'LIST',
    read: numbers(side, 'whole numbers of pixels from 32'),
    help: 'short sides that training images are brought to, drawn anew each time',
    default: [640, 672, 704, 736, 768, 800],
  }),
  long: option({ group: 'data', value: 'N', read: side, help: 'the largest that a long side becomes', default: 1333 }),
  testShort: option({
    group: 'data',
    value: 'N',
    read: side,
    help: 'the short side of test images',
    defaultText: 'the largest of training',
  }),
  pad: option({
    group: 'data',
    value: 'N',
    read: read.whole(32, 1024),
    help: 'padded sides are multiples of it, a multiple of 32: a larger one pads more and needs fewer programs',
    default: 32,
  }),
  decoder: option({
    group: 'data',
    value: 'NAME',
    read: read.oneOf(DECODERS),
    help: "what decodes training images; turbo is the system's libjpeg-turbo, faster and with the same pixels, and needs it and the package koffi",
    defaultText: 'sharp',
  }),
  noFlip: toggle({ group: 'data', help: 'no image is mirrored' }),
  noGroups: toggle({
    group: 'data',
    help: 'lying and other images share batches, which pads more: for few images, so that batch norms see all of them alike',
  }),

  backbone: option({
    usual: true,
    group: 'network',
    value: 'FILE',
    read: read.text,
    help: "weights that the backbone starts from: safetensors under torchvision's names, or a network of a run",
    defaultText: 'random values by the seed',
  }),
  model: option({
    usual: true,
    group: 'network',
    value: 'NAME',
    read: read.oneOf(['resnet50-imagenet', 'resnet18-imagenet']),
    help: 'what the backbone is, where its file does not say it',
    default: 'resnet50-imagenet',
  }),
  width: option({
    group: 'network',
    value: 'X',
    read: read.number(0.001, 1),
    help: "channels of every layer of a backbone without a file, in parts of its model's own",
    default: 1,
  }),
  channels: option({
    group: 'network',
    value: 'N',
    read: read.whole(8, 4096),
    help: 'channels of the pyramid and of the towers',
    default: 256,
  }),
  towers: option({
    group: 'network',
    value: 'N',
    read: read.whole(1, 16),
    help: 'convolutions of each tower',
    default: 4,
  }),
  maskChannels: option({
    group: 'network',
    value: 'N',
    read: read.whole(8, 4096),
    help: 'channels of the mask branch',
    default: 128,
  }),
  freeze: option({
    group: 'network',
    value: 'N',
    read: read.whole(0, 5),
    help: 'parts of the backbone that stay as they are: 1 the stem, 2 the first stage too, and so on',
    defaultText: '2 with a file, else 0',
  }),
  trainNorms: toggle({
    group: 'network',
    help: "batch norms of the backbone learn, and normalize by the micro-batch; without a backbone's file they always do",
  }),
  precision: option({
    group: 'network',
    value: 'P',
    read: read.oneOf(['f32', 'f16']),
    help: 'f16 (needs shader-f16) is for activations and copies of the weights, sums stay in f32',
    default: 'f32',
  }),

  iterations: option({
    usual: true,
    group: 'training',
    value: 'N',
    read: read.whole(),
    help: 'updates of the weights',
    default: 90000,
  }),
  batch: option({
    usual: true,
    group: 'training',
    value: 'N',
    read: read.whole(1, 4096),
    help: 'images in an iteration',
    default: 16,
  }),
  microBatch: option({
    usual: true,
    group: 'training',
    value: 'N',
    read: read.whole(1, 4096),
    help: 'images that go through the network at once and are padded to one size; gradients add up over the batch, each micro-batch with losses of its own',
    default: 2,
  }),
  optimizer: option({
    group: 'training',
    value: 'NAME',
    read: read.oneOf(['sgd', 'adamw']),
    help: 'what moves the weights',
    default: 'sgd',
  }),
  lr: option({
    usual: true,
    group: 'training',
    value: 'X',
    read: read.number(0, 100, { without: 'low' }),
    help: 'learning rate behind the warm-up',
    default: 0.01,
    defaultText: '0.01, of adamw 0.001',
  }),
  warmup: option({
    group: 'training',
    value: 'N',
    read: read.whole(0),
    help: 'iterations in which the learning rate rises from a thousandth',
    defaultText: '1000, or a tenth of the iterations where that is less',
  }),
  steps: option({
    group: 'training',
    value: 'LIST',
    read: numbers(read.number(0, 1), 'numbers from 0 to 1'),
    help: 'parts of the iterations at which the learning rate falls to a tenth',
    default: [2 / 3, 8 / 9],
    defaultText: '2/3 and 8/9',
  }),
  momentum: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1, { without: 'high' }),
    help: 'of SGD',
    default: 0.9,
  }),
  weightDecay: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1),
    help: 'of all parameters but those of norms, as in Detectron2',
    default: 1e-4,
    defaultText: '0.0001, of adamw 0.05',
  }),
  clipNorm: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1e6, { without: 'low' }),
    help: 'shortens the gradients of an iteration where their norm is larger',
  }),
  perImage: option({
    group: 'training',
    value: 'N',
    read: read.whole(1, 1024),
    help: 'locations of an image that learn masks, spread over its objects, the best scores first',
    default: 64,
  }),
  similarity: option({
    group: 'training',
    value: 'X',
    read: read.number(0, 1),
    help: 'neighbors with colors this alike are taken for one side of an edge',
    default: 0.3,
  }),
  pairwiseWarmup: option({
    group: 'training',
    value: 'N',
    read: read.whole(0),
    help: 'iterations in which the weight of the pairwise loss rises to 1',
    defaultText: '10000, or a ninth of the iterations where that is less',
  }),
  seed: option({
    usual: true,
    group: 'training',
    value: 'N',
    read: read.whole(0, 0xffffffff),
    help: 'of initialization, order, sizes and flips',
    default: 1,
  }),
  evaluateEvery: option({
    group: 'training',
    value: 'N',
    read: read.whole(),
    help: 'iterations between two evaluations, besides the one at the end',
  }),
};

/** What was given of a detector's options, by name. */
export type DetectorGiven = Given<typeof DETECTOR_OPTIONS>;
