// Convolutions of the networks that we care about, in all three directions.
import type { Precision } from 'astrogpu/nn';
import {
  type ConvGeometry,
  convDataGradient,
  convForward,
  convWeightGradient,
  count,
  empty,
  type Shape,
} from 'astrogpu/tensor';
import { type Case, random, type SizeLimit, scaled } from './case.ts';

interface ConvSpec {
  network: string;
  batch: number;
  side: number;
  ci: number;
  co: number;
  kernel: number;
  stride?: number;
  /** Measured with --quick too. */
  quick?: true;
}

const RESNET = { network: 'ResNet18/34, CIFAR', batch: 128 };
const RESNET50 = { network: 'ResNet50, 224²', batch: 64 };
const DENSENET = { network: 'DenseNet-BC-100-12, CIFAR', batch: 64 };
/** The astrocyte on the maps of ResNet18's third stage: three connection maps of 256×256 are one batch. */
const UNET = { network: 'UNet AN, 256² maps', batch: 3 };

const LAYERS: ConvSpec[] = [
  { ...RESNET, side: 32, ci: 3, co: 64, kernel: 3 },
  { ...RESNET, side: 32, ci: 64, co: 64, kernel: 3, quick: true },
  { ...RESNET, side: 32, ci: 64, co: 128, kernel: 3, stride: 2, quick: true },
  { ...RESNET, side: 32, ci: 64, co: 128, kernel: 1, stride: 2 },
  { ...RESNET, side: 16, ci: 128, co: 128, kernel: 3 },
  { ...RESNET, side: 16, ci: 128, co: 256, kernel: 3, stride: 2 },
  { ...RESNET, side: 8, ci: 256, co: 256, kernel: 3 },
  { ...RESNET, side: 8, ci: 256, co: 512, kernel: 3, stride: 2 },
  { ...RESNET, side: 4, ci: 512, co: 512, kernel: 3, quick: true },
  { ...RESNET50, side: 224, ci: 3, co: 64, kernel: 7, stride: 2 },
  { ...RESNET50, side: 56, ci: 64, co: 256, kernel: 1 },
  { ...RESNET50, side: 56, ci: 256, co: 64, kernel: 1 },
  { ...RESNET50, side: 56, ci: 128, co: 128, kernel: 3, stride: 2 },
  { ...RESNET50, side: 56, ci: 256, co: 512, kernel: 1, stride: 2 },
  { ...RESNET50, side: 14, ci: 256, co: 256, kernel: 3 },
  { ...RESNET50, side: 14, ci: 1024, co: 256, kernel: 1, quick: true },
  { ...RESNET50, side: 7, ci: 512, co: 512, kernel: 3 },
  { ...RESNET50, side: 7, ci: 512, co: 2048, kernel: 1 },
  { ...DENSENET, side: 32, ci: 3, co: 24, kernel: 3 },
  { ...DENSENET, side: 32, ci: 120, co: 48, kernel: 1 },
  { ...DENSENET, side: 32, ci: 48, co: 12, kernel: 3, quick: true },
  { ...DENSENET, side: 32, ci: 216, co: 108, kernel: 1 },
  { ...DENSENET, side: 16, ci: 204, co: 48, kernel: 1 },
  { ...DENSENET, side: 8, ci: 246, co: 48, kernel: 1 },
  { ...DENSENET, side: 8, ci: 48, co: 12, kernel: 3 },
  { ...UNET, side: 256, ci: 1, co: 16, kernel: 3 },
  { ...UNET, side: 128, ci: 16, co: 32, kernel: 3, quick: true },
  { ...UNET, side: 64, ci: 32, co: 64, kernel: 3 },
  { ...UNET, side: 32, ci: 64, co: 128, kernel: 3 },
  // The transposed convolutions, seen from their outputs.
  { ...UNET, side: 64, ci: 64, co: 128, kernel: 2, stride: 2 },
  { ...UNET, side: 256, ci: 16, co: 32, kernel: 2, stride: 2 },
  { ...UNET, side: 64, ci: 128, co: 64, kernel: 3 },
  { ...UNET, side: 256, ci: 32, co: 16, kernel: 3 },
  { ...UNET, side: 256, ci: 16, co: 1, kernel: 3 },
  { network: 'ViT-B/16, 224²', batch: 32, side: 224, ci: 3, co: 768, kernel: 16, stride: 16 },
];

const LAUNCH = {
  forward: convForward,
  'data gradient': convDataGradient,
  'weight gradient': convWeightGradient,
};
type Direction = keyof typeof LAUNCH;

function convCase(spec: ConvSpec, direction: Direction, limit: SizeLimit, precision: Precision): Case {
  const { network, batch, side, ci, co, kernel, stride = 1, quick = false } = spec;
  const padding = kernel === stride ? 0 : kernel >> 1;
  const out = Math.floor((side + 2 * padding - kernel) / stride) + 1;
  const flops = 2 * out * out * co * kernel * kernel * ci;
  const { n, text } = scaled(batch, flops, Math.max(side * side * ci, out * out * co), limit);
  const [x, w, y]: Shape[] = [
    [n, side, side, ci],
    [kernel, kernel, ci, co],
    [n, out, out, co],
  ];
  const [first, second, result] = {
    forward: [x, w, y],
    'data gradient': [y, w, x],
    'weight gradient': [x, y, w],
  }[direction];
  const g: ConvGeometry = {
    ...{ n, h: side, w: side, ci, ho: out, wo: out, co, kh: kernel, kw: kernel, sh: stride, sw: stride },
    ...{ ph: padding, pw: padding, dh: 1, dw: 1, groups: 1, half: precision === 'f16' },
  };
  const stored = direction === 'weight gradient' ? 'f32' : precision;
  const bytes = (shape: Shape): number => count(shape) * (precision === 'f16' ? 2 : 4);
  return {
    name: `conv ${direction}${precision === 'f16' ? ' f16' : ''}`,
    shape: `${kernel}×${kernel} ${ci}→${co}${stride > 1 ? ` s${stride}` : ''}, ${side}×${side}, ${text}`,
    network,
    cost: { flops: n * flops, bytes: bytes(first) + bytes(second) + count(result) * (stored === 'f16' ? 2 : 4) },
    quick,
    half: stored === 'f16',
    prepare(gpu) {
      const a = random(gpu, first, 1, precision);
      const b = random(gpu, second, 2, precision);
      const made = empty(gpu, result, direction, stored);
      return {
        run() {
          LAUNCH[direction](gpu, g, a.slice, b.slice, made.slice);
          return undefined;
        },
        outputs: () => [made],
        release() {
          for (const each of [a, b, made]) each.release();
        },
      };
    },
  };
}

/** Nobody asks for the gradient of an image. */
const directions = ({ ci }: ConvSpec): Direction[] =>
  ci === 3 ? ['forward', 'weight gradient'] : ['forward', 'data gradient', 'weight gradient'];

export const convCases = (limit: SizeLimit, precision: Precision = 'f32'): Case[] =>
  LAYERS.flatMap((spec) => directions(spec).map((direction) => convCase(spec, direction, limit, precision)));
