// Normalization of units, the values that share a mean and a deviation: a row of layerNorm, an image's channels of a group of groupNorm. A kernel forward, which reads a
// unit three times while it is near; backward one for the input and one, with the sum of its parts, for weight and bias.
import { f32, type Gpu, params } from '../../../gpu/index.ts';
import { BYTES, empty, type Tensor } from '../../../tensor/index.ts';
import { split, typesOfWidth } from './layout.ts';

/** x seen as images × positions × groups × channels; what an image has of a group at all its positions is a unit. */
export interface Units {
  images: number;
  positions: number;
  groups: number;
  channels: number;
  /** Zeros that each unit has beside these values, which x does not store. Default none. */
  zeros?: number;
}

/** How units are normalized. */
export interface UnitNorm {
  eps: number;
  /** Is the mean taken off, and the deviation that from it? Else from 0. */
  centered: boolean;
  /** f32, one value a channel of all groups. */
  weight?: Tensor;
  bias?: Tensor;
}

/** Bytes that a GPU reads at once: neighboring threads share shorter strips than this, or take those of units side by side. */
const SECTOR = 32;

const widthOf = ({ channels }: Units): 1 | 4 => (channels % 4 === 0 ? 4 : 1);
const inStrips = ({ positions, groups }: Units): boolean => positions > 1 || groups > 1;

/** A lane adds up at most so many values, 64 runs of 64 (shaders/norm/unit.wgsl), where more lanes may share a unit. */
const LANE_MOST = 4096;

/** Lanes for each of `count` units of `length` values, and whether they are a subgroup. */
function lanesOf(gpu: Gpu, count: number, length: number, most: number): { LANES: number; subgroup: boolean } {
  const { subgroupFrom, alone, lanes } = gpu.machine.norm.units;
  const { subgroupMinSize: size, subgroupMaxSize } = gpu.adapter;
  const few = length >= subgroupFrom && length <= size * LANE_MOST;
  if (few && gpu.capabilities.subgroups && size === subgroupMaxSize) return { LANES: size, subgroup: true };
  const allowed = lanes.filter((n) => n <= most);
  const LANES =
    count >= alone && length <= LANE_MOST ? 1 : (allowed.find((n) => 8 * n >= length) ?? allowed[allowed.length - 1]);
  return { LANES, subgroup: false };
}

/** What shaders/norm/unit.wgsl is told. */
function unitLaunch(x: Tensor, units: Units, { eps, centered, weight }: UnitNorm) {
  const { images, positions, groups, channels, zeros = 0 } = units;
  const width = widthOf(units);
  const [count, strip] = [images * groups, channels / width];
  const [length, row] = [positions * strip, groups * strip];
  const ACROSS = inStrips(units) && channels * BYTES[x.dtype] < SECTOR;
  const { LANES, subgroup } = lanesOf(x.gpu, count, length, ACROSS ? 32 : 256);
  const GROUP = subgroup ? LANES : Math.max(x.gpu.machine.norm.units.group, ACROSS ? 8 * LANES : LANES);
  return {
    constants: { GROUP, LANES, STRIPS: inStrips(units), ACROSS, WIDTH: width, CENTERED: centered, WEIGHT: !!weight },
    types: typesOfWidth(x, width),
    includes: (subgroup ? { 'norm/unit_sum': 'norm/unit_sum_subgroup' } : {}) as Record<string, string>,
    params: params(
      ...[count, length, groups, positions * row, strip, row, LANES % strip],
      ...[Math.floor(LANES / strip) * row + (LANES % strip), LANES / 2],
      ...[positions * channels + zeros, zeros, eps].map(f32),
    ),
    grid: [Math.min(x.gpu.machine.norm.units.most, Math.ceil((count * LANES) / GROUP))] as [number],
  };
}

/** y ← x normalized, stored as x is; returns what backward needs, f32 [units, 4]. */
export function normalizeUnits(op: string, x: Tensor, y: Tensor, units: Units, norm: UnitNorm): Tensor {
  const { weight, bias } = norm;
  const moments = empty(x.gpu, [units.images * units.groups, 4], `${op} moments`);
  const { constants, ...launch } = unitLaunch(x, units, norm);
  const spare = weight ?? bias ?? x;
  x.gpu.run({
    shader: 'norm/unit_normalize',
    constants: { ...constants, BIAS: !!bias },
    bindings: [x.slice, (weight ?? spare).slice, (bias ?? spare).slice, y.slice, moments.slice],
    ...launch,
    cost: { flops: 9 * x.size, bytes: 2 * x.bytes + moments.bytes },
    label: op,
  });
  return moments;
}

/** dx ← the gradient of x. */
export function unitsGradient(
  op: string,
  { x, dy, moments }: { x: Tensor; dy: Tensor; moments: Tensor },
  dx: Tensor,
  units: Units,
  norm: UnitNorm,
): void {
  x.gpu.run({
    shader: 'norm/unit_gradient',
    bindings: [x.slice, dy.slice, (norm.weight ?? moments).slice, moments.slice, dx.slice],
    ...unitLaunch(x, units, norm),
    cost: { flops: 15 * x.size, bytes: 3 * x.bytes + moments.bytes },
    label: `${op}/gradient`,
  });
}

/** dWeight and dBias ← the gradients of weight and bias, where there are such. */
export function unitSums(
  op: string,
  { x, dy, moments }: { x: Tensor; dy: Tensor; moments: Tensor },
  { dWeight, dBias }: { dWeight?: Tensor; dBias?: Tensor },
  units: Units,
): void {
  const { gpu } = x;
  const { images, positions, groups, channels } = units;
  const width = widthOf(units);
  const [rows, columns] = [images * positions, (groups * channels) / width];
  const { chunk, chunks, group } = chunksOf(gpu, rows, columns);
  const all = columns * width;
  const partial = empty(gpu, [2, chunks, all], `${op} gradient sums`);
  const unused = [2, 1, 1].map((n) => empty(gpu, [n, all], 'unused'));
  gpu.run({
    shader: 'norm/unit_sums',
    constants: { GROUP: group, STRIPS: inStrips(units) },
    types: typesOfWidth(x, width),
    bindings: [x.slice, dy.slice, moments.slice, partial.slice],
    params: params(columns, rows, chunk, chunks, positions, groups, channels / width),
    grid: [Math.ceil(columns / group), chunks],
    cost: { flops: 6 * x.size, bytes: 2 * x.bytes + partial.bytes },
    label: `${op}/gradient sums`,
  });
  const shared = split(gpu, chunks);
  gpu.run({
    shader: 'norm/normalize_sums_finish',
    constants: shared,
    bindings: [partial, unused[0], dWeight ?? unused[1], dBias ?? unused[2]].map(({ slice }) => slice),
    params: params(all, all, chunks * all),
    grid: [Math.ceil(all / shared.CHANNELS)],
    cost: { flops: partial.size, bytes: partial.bytes },
    label: `${op}/gradient sums finish`,
  });
  for (const tensor of [partial, ...unused]) tensor.release();
}

/** No thread adds up more rows than this, 32 runs of 32: what f32 loses grows with it. */
const LONGEST = 1024;

/** Chunks of rows that fill the machine. */
function chunksOf(gpu: Gpu, rows: number, columns: number): { chunk: number; chunks: number; group: number } {
  const { group, threads, least } = gpu.machine.norm.unitSums;
  const wanted = Math.max(1, rows / LONGEST, Math.min(threads / columns, rows / least));
  const chunk = Math.ceil(rows / Math.round(wanted));
  return { chunk, chunks: Math.ceil(rows / chunk), group };
}
