// Winograd convolution: 3×3 kernels with stride 1 as products of transformed tiles, 2.25 (2×2 tiles) or 4 (4×4) times fewer multiplications than by the
// definition, in three dispatches and one for the weight. Matrices and source: shaders/conv/winograd_tile.wgsl.
//
// What that costs in precision. In exact arithmetic the result is the convolution's; rounded, an output is a sum of terms that are larger than it and cancel. With L
// and R the matrices of a direction's two factors and O that of its output (forward: G, Bᵀ, Aᵀ; weight: A, Bᵀ, Gᵀ), an axis enlarges
//   - the largest error, with data up to 1, by max over outputs k of Σᵢ |O_ki|·Σ|L_i|·Σ|R_i|, to be compared with the r (weight: m) of direct sums;
//   - the standard error, with independent data, by max over k of √(Σᵢ O_ki²·ΣL_i²·ΣR_i²), to be compared with √r (√m);
// and both axes together by the square of that:
//                 forward, data      weight            by definition
//   m = 2         64   | 5           36   | 4          9 | 3, weight 4 | 2
//   m = 4         2304 | 94          2844 | 97         9 | 3, weight 16 | 4
// So a result over C channels (weight: tiles) is off by at most u·(C + n)·C times the first figure, u = 2⁻²⁴, n the roundings on the way through the
// transforms (11 for m = 2, 23 for m = 4), and with random data by about u·√((C + n)·C)/3 times the second. 2×2 tiles lose one bit beside direct sums,
// 4×4 tiles five: about 1e-5 of the largest output, far below what f16 activations round off (5e-4).
import { type Gpu, params, type Slice } from '../../../gpu/index.ts';
import { multiply } from '../../matmul/kernels/candidates.ts';
import { costOf } from '../../matmul/kernels/gemm.ts';
import { pieceOf } from '../../matmul/kernels/long-sums.ts';
import { cropped, padded, roundUp } from '../../matmul/kernels/relayout.ts';
import { stationaryLanes } from '../../matmul/kernels/stationary.ts';
import { type ConvGeometry, storageOf } from './geometry.ts';
import type { ConvLaunches } from './job.ts';
import {
  type Box,
  gatherWeight,
  type Image,
  planesOf,
  scalar,
  type Tile,
  transformTiles,
  transformWeight,
} from './winograd-transforms.ts';

/** Does the convolution have a Winograd form here? */
export const winogradFits = (g: ConvGeometry): boolean =>
  g.groups === 1 && g.kh === 3 && g.kw === 3 && g.sh === 1 && g.sw === 1 && g.dh === 1 && g.dw === 1;

/** y ← x ∗ w in tiles of 2×2 or 4×4 outputs. */
export function winogradForward(gpu: Gpu, g: ConvGeometry, x: Slice, w: Slice, y: Slice, tile: Tile): void {
  const stored = storageOf(g);
  const from = { h: g.h, w: g.w, top: g.ph, left: g.pw, stored };
  convolve(gpu, g, tile, false, from, { h: g.ho, w: g.wo, stored }, [x, w, y]);
}

/** dx ← dy ∗ the weight turned by 180°, channels exchanged, with padding 2 − p. */
export function winogradData(gpu: Gpu, g: ConvGeometry, dy: Slice, w: Slice, dx: Slice, tile: Tile): void {
  const stored = storageOf(g);
  const from = { h: g.ho, w: g.wo, top: 2 - g.ph, left: 2 - g.pw, stored };
  convolve(gpu, g, tile, true, from, { h: g.h, w: g.w, stored }, [dy, w, dx]);
}

/**
 * `back`: from the output's channels to the input's. Few tiles against many channels are multiplied in exchanged roles where that is free: the software adapter's
 * product loads its right operand into registers, which pays for many rows on the left only.
 */
function convolve(
  gpu: Gpu,
  g: ConvGeometry,
  tile: Tile,
  back: boolean,
  from: Image,
  to: Image,
  [a, w, out]: Slice[],
): void {
  const stored = storageOf(g);
  const planes = planesOf(tile);
  const [given, made] = back ? [g.co, g.ci] : [g.ci, g.co];
  const [k, n] = [roundUp(given, 4), roundUp(made, 4)];
  const boxes = chunks(gpu, tile, g.n, to, k + n);
  const exchanged = scalar(gpu) && boxes[0].tiles < n;
  const weight = gpu.allocate('winograd weight', planes * k * n * 4);
  const transposeB = weightMatrices(gpu, g, tile, back, exchanged, [w, weight]);
  const input = (use: (slice: Slice) => void): void => padded(gpu, a, g.n * from.h * from.w, given, k, use, stored);
  const output = (use: (slice: Slice) => void): void => cropped(gpu, out, g.n * to.h * to.w, made, n, use, stored);
  input((source) =>
    output((target) => {
      for (const box of boxes) {
        const tiles = exchanged ? roundUp(box.tiles, 4) : box.tiles;
        const data = gpu.allocate('winograd tiles', planes * tiles * k * 4);
        transformTiles(gpu, 'input', { ...box, tiles, channels: k, exchanged }, from, [source, data]);
        const product = gpu.allocate('winograd products', planes * tiles * n * 4);
        const common = { k, planes, sums: 1, transposeA: false, transposeB, manyA: true, manyB: true };
        if (exchanged) multiply(gpu, { m: n, n: tiles, ...common }, [weight, data, product]);
        else multiply(gpu, { m: tiles, n, ...common }, [data, weight, product]);
        gpu.release(data);
        transformTiles(gpu, 'output', { ...box, tiles, channels: n, exchanged }, to, [product, target]);
        gpu.release(product);
      }
    }),
  );
  gpu.release(weight);
}

/**
 * The transformed weight as a matrix in every plane, [channels read, channels made], or the other way round if `exchanged`. Transforms that take scalars read the
 * weight in any order; vectors must lie together, so that for the data gradient a GPU gets the transpose, and transposes on the way: then true is returned.
 */
function weightMatrices(
  gpu: Gpu,
  g: ConvGeometry,
  tile: Tile,
  back: boolean,
  exchanged: boolean,
  [w, out]: [Slice, Slice],
): boolean {
  const { ci, co } = g;
  const [rows, wide] = [roundUp(ci, 4), roundUp(co, 4)];
  const common = { transposed: back, stored: storageOf(g) };
  if (scalar(gpu)) {
    const straight = { rows, wide, have: [ci, co], steps: [co, 1], tap: ci * co, ...common } as const;
    const swapped = { ...straight, rows: wide, wide: rows, have: [co, ci], steps: [1, co] } as const;
    transformWeight(gpu, tile, back === exchanged ? straight : swapped, [w, out]);
    return false;
  }
  const matrix = { rows, wide, have: [ci, wide], steps: [wide, 1], tap: ci * wide, ...common } as const;
  padded(gpu, w, 9 * ci, co, wide, (source) => transformWeight(gpu, tile, matrix, [source, out]), storageOf(g));
  return back;
}

/** dw ← the gradient of the weight, in f32. */
export function winogradWeight(gpu: Gpu, g: ConvGeometry, x: Slice, dy: Slice, dw: Slice, tile: Tile): void {
  const stored = storageOf(g);
  const planes = planesOf(tile);
  const [m, n] = [roundUp(g.ci, 4), roundUp(g.co, 4)];
  const from: Image = { h: g.h, w: g.w, top: g.ph, left: g.pw, stored };
  const to: Image = { h: g.ho, w: g.wo, stored };
  const input = (use: (slice: Slice) => void): void => padded(gpu, x, g.n * g.h * g.w, g.ci, m, use, stored);
  const paddedDy = (use: (slice: Slice) => void): void => padded(gpu, dy, g.n * g.ho * g.wo, g.co, n, use, stored);
  const output = (use: (slice: Slice) => void): void => cropped(gpu, dw, 9 * g.ci, g.co, n, use);
  const part = (source: Slice, gradients: Slice, target: Slice, box: Omit<Box, 'channels'>): void => {
    const splits = splitsOf(gpu, planes, m, n, box.tiles);
    const k = Math.ceil(box.tiles / splits);
    const whole = { ...box, tiles: k * splits };
    const left = gpu.allocate('winograd tiles', planes * whole.tiles * m * 4);
    transformTiles(gpu, 'input', { ...whole, channels: m }, from, [source, left]);
    const right = gpu.allocate('winograd dy', planes * whole.tiles * n * 4);
    transformTiles(gpu, 'dy', { ...whole, channels: n }, to, [gradients, right]);
    const sums = gpu.allocate('winograd weight gradient', planes * splits * m * n * 4);
    correlate(gpu, { m, n, k, planes: planes * splits }, [left, right, sums]);
    gpu.release(left);
    gpu.release(right);
    const sizes = { rows: g.ci, wide: n, step: m * n, splits, fresh: box.first === 0 };
    gatherWeight(gpu, tile, sizes, [sums, target]);
    gpu.release(sums);
  };
  input((source) =>
    paddedDy((gradients) =>
      output((target) => {
        for (const box of chunks(gpu, tile, g.n, to, m + n)) part(source, gradients, target, box);
      }),
    ),
  );
}

/** C ← Aᵀ·B in every plane. */
function correlate(
  gpu: Gpu,
  { m, n, k, planes }: { m: number; n: number; k: number; planes: number },
  bindings: Slice[],
): void {
  const product = { m, n, k, planes, transposeA: true, transposeB: false, sums: 1, manyA: true, manyB: true };
  if (gpu.machine.matmul.stationary && stationaryLanes(gpu) === 8)
    gpu.run({
      shader: 'conv/winograd_outer',
      bindings,
      params: params(m / 4, n / 4, k, 32, 1),
      grid: [Math.ceil(n / 32), Math.ceil(m / 32), planes],
      cost: costOf(product),
      label: 'winograd/outer',
    });
  else multiply(gpu, product, bindings);
}

/** The tiles over `images` outputs, in equal chunks whose transformed data, for `channels` in all, keep within bounds. */
function chunks(gpu: Gpu, tile: Tile, images: number, { h, w }: Image, channels: number): Omit<Box, 'channels'>[] {
  const [down, across] = [Math.ceil(h / tile), Math.ceil(w / tile)];
  const bytes = Math.min(gpu.machine.winograd.scratch, gpu.device.limits.maxStorageBufferBindingSize);
  const fit = Math.max(1, Math.floor(bytes / (4 * planesOf(tile) * down * across * channels)));
  const size = Math.ceil(images / Math.ceil(images / fit));
  return Array.from({ length: Math.ceil(images / size) }, (_, i) => {
    const [first, end] = [i * size, Math.min(images, (i + 1) * size)];
    return { tile, first, end, down, across, tiles: (end - first) * down * across };
  });
}

function splitsOf(gpu: Gpu, planes: number, ci: number, co: number, tiles: number): number {
  const split = gpu.machine.winograd.weightSplit;
  const workgroups = planes * Math.ceil(ci / 128) * Math.ceil(co / 64);
  const least = Math.ceil(tiles / (pieceOf(tiles, planes * ci * co * 4) / 8)); // runs of 512 tiles, where they have room
  return Math.max(1, least, Math.min(Math.ceil(split.workgroups / workgroups), Math.floor(tiles / split.tiles)));
}

export const winograd = (tile: Tile): ConvLaunches => ({
  forward: (gpu, g, x, w, y) => winogradForward(gpu, g, x, w, y, tile),
  dataGradient: (gpu, g, dy, w, dx) => winogradData(gpu, g, dy, w, dx, tile),
  weightGradient: (gpu, g, x, dy, dw) => winogradWeight(gpu, g, x, dy, dw, tile),
});
