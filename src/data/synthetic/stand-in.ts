// The stand-in for CIFAR-10 where the real set cannot be had: ten kinds of shapes drawn in random colors, places, sizes and noise, in the same
// form. Its classes survive a left-right flip and small rotations, so the usual augmentation does not change a label.

import type { ImageSet } from '../image/image-set.ts';
import { shapes } from './shapes.ts';

const side = 32;

/** How many images are drawn, and from which seed. */
export interface StandInOptions {
  /** Images to draw (defaults 10,000 and 2,000). */
  train?: number;
  test?: number;
  /** Same seed, same bytes. */
  seed?: number;
}

/** Draws the stand-in: 32×32×3 u8, classes balanced within every ten images, deterministic in the seed; train and test share no image. */
export function drawStandIn(options: StandInOptions = {}): { train: ImageSet; test: ImageSet } {
  const { train = 10_000, test = 2_000, seed = 1 } = options;
  return {
    train: drawSet('drawn stand-in train (not CIFAR-10)', train, seed, 0),
    test: drawSet('drawn stand-in test (not CIFAR-10)', test, seed, 1),
  };
}

function drawSet(name: string, count: number, seed: number, split: number): ImageSet {
  const images = new Uint8Array(count * side * side * 3);
  const clamped = new Uint8ClampedArray(images.buffer);
  const labels = new Uint8Array(count);
  const order = shapes.map((_, label) => label);
  const shuffle = random(seed, split, -1);
  for (let i = 0; i < count; i++) {
    if (i % order.length === 0) {
      for (let k = order.length - 1; k > 0; k--) {
        const other = Math.floor(shuffle() * (k + 1));
        [order[k], order[other]] = [order[other]!, order[k]!];
      }
    }
    labels[i] = order[i % order.length]!;
    drawImage(labels[i]!, random(seed, split, i), clamped, i * side * side * 3);
  }
  return { name, images, labels, count, height: side, width: side, channels: 3, classes: shapes.map((s) => s.name) };
}

type Color = [number, number, number];

/** A shaded ground, a few blots that belong to no class, the shape, then noise. */
function drawImage(label: number, rand: () => number, out: Uint8ClampedArray, start: number): void {
  const between = (low: number, high: number): number => low + (high - low) * rand();
  const color = (): Color => [between(20, 235), between(20, 235), between(20, 235)];
  const ground = color();
  const shade = [between(-40, 40), between(-40, 40)] as const;
  const ink = contrasting(ground, color);
  const blots = Array.from({ length: Math.floor(between(0, 4)) }, () => ({
    x: between(0, side),
    y: between(0, side),
    r: between(1.5, 4),
    ink: color(),
  }));
  const shape = shapes[label]!;
  const radius = between(7, 12);
  const cx = between(radius, side - radius);
  const cy = between(radius, side - radius);
  const turn = between(-0.3, 0.3);
  const cos = Math.cos(turn) / radius;
  const sin = Math.sin(turn) / radius;
  const variant = rand();
  const noise = between(2, 20);

  for (let y = 0, o = start; y < side; y++) {
    for (let x = 0; x < side; x++, o += 3) {
      const light = (shade[0] * (x - side / 2) + shade[1] * (y - side / 2)) / side;
      let [r, g, b] = [ground[0] + light, ground[1] + light, ground[2] + light];
      for (const blot of blots) {
        const covers = coverage(distance(x - blot.x, y - blot.y) - blot.r);
        r += covers * (blot.ink[0] - r);
        g += covers * (blot.ink[1] - g);
        b += covers * (blot.ink[2] - b);
      }
      const dx = x + 0.5 - cx;
      const dy = y + 0.5 - cy;
      const inside = coverage(shape.distance(cos * dx + sin * dy, cos * dy - sin * dx, variant) * radius);
      const grain = rand() * 2 ** 30;
      out[o] = r + inside * (ink[0] - r) + noise * tenBits(grain);
      out[o + 1] = g + inside * (ink[1] - g) + noise * tenBits(grain >> 10);
      out[o + 2] = b + inside * (ink[2] - b) + noise * tenBits(grain >> 20);
    }
  }
}

/** The low ten bits as a number in [-1, 1]: one draw gives the noise of a pixel's three channels. */
function tenBits(bits: number): number {
  return (bits & 1023) / 511.5 - 1;
}

function distance(dx: number, dy: number): number {
  return Math.sqrt(dx * dx + dy * dy);
}

/** How much of a pixel lies inside an outline at this signed distance in pixels (negative inside). */
function coverage(distance: number): number {
  return Math.max(0, Math.min(1, 0.5 - distance));
}

/** A color that can be told from the ground, though not always easily. */
function contrasting(ground: Color, color: () => Color): Color {
  for (;;) {
    const ink = color();
    const distance = ink.reduce((sum, value, c) => sum + Math.abs(value - ground[c]!), 0);
    if (distance > 110) return ink;
  }
}

/** Uniform numbers in [0, 1) from a seed, a split and an image index: each image is drawn on its own, whatever comes before it. */
function random(seed: number, split: number, index: number): () => number {
  let state = mix(mix(mix(seed) ^ (split + 0x9e37)) ^ index);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
}

/** An integer hash with full avalanche (the 32-bit finaliser of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
