// Launches the transforms of Winograd convolution, which lie before and behind its matrix products.
import { type Gpu, params, type Slice } from '../../../gpu/index.ts';
import { bytesOf, positionOf, type Storage } from '../../../tensor/index.ts';

/** Outputs of a tile along an axis, m of F(m×m, 3×3). */
export type Tile = 2 | 4;
/** Elements of a transformed tile. */
export const planesOf = (tile: Tile): number => (tile + 2) ** 2;

/** Tiles of images `first` to `end` of a tensor with `channels` channels a pixel, a multiple of 4. */
export interface Box {
  tile: Tile;
  first: number;
  end: number;
  down: number;
  across: number;
  channels: number;
  /** Tiles in a plane of the transformed data; those behind the last image are zero. */
  tiles: number;
  /** Is the transformed data [plane, channel, tile] rather than [plane, tile, channel]? Asks for `scalar`. */
  exchanged?: boolean;
}

/** The images that tiles lie on: pixels, how far before them the first tile begins, and how they are stored. */
export interface Image {
  h: number;
  w: number;
  top?: number;
  left?: number;
  stored: Storage;
}

const SHADERS = {
  input: 'conv/winograd_input',
  dy: 'conv/winograd_dy',
  output: 'conv/winograd_output',
} as const;
/** Operations for a channel of a tile: those of one matrix times one column, as the shader writes them, by how often that is done. */
const FLOPS: Record<'input' | 'dy' | 'output' | 'weight' | 'gradient', Record<Tile, number>> = {
  input: { 2: 4 * 6, 4: 19 * 10 }, // two columns come from the tile before
  dy: { 2: 3 * 6, 4: 11 * 10 },
  output: { 2: 4 * 6, 4: 13 * 10 },
  weight: { 2: 5 * 7, 4: 12 * 9 },
  gradient: { 2: 6 * 7, 4: 15 * 9 },
};

interface Form {
  grid: [number];
  constants: { GROUP: number };
  /** Channels of a Vec. */
  width: number;
  Vec: string;
  /** Vec as it is stored where the convolution's tensors are f16. */
  Half: string;
}

/** How `elements` numbers are shared out among threads. */
function formOf(gpu: Gpu, tile: Tile, elements: number): Form {
  const { group, most, least } = gpu.machine.winograd.transform;
  const width = gpu.machine.winograd.channels[tile];
  // One more than fit exactly: chunks are rounded up to more than a workgroup's share.
  const workgroups = Math.floor(elements / (width * group * least)) + 1;
  return {
    grid: [Math.min(most, workgroups)],
    constants: { GROUP: group },
    width,
    ...(width === 1 ? { Vec: 'f32', Half: 'f16' } : { Vec: `vec${width}f`, Half: `vec${width}h` }),
  };
}

/** Tiles of images into transformed data (`input`, `dy`), or back (`output`): what is read, then what is written. */
export function transformTiles(
  gpu: Gpu,
  kernel: 'input' | 'dy' | 'output',
  box: Box,
  { h, w, top = 0, left = 0, stored }: Image,
  bindings: [Slice, Slice],
): void {
  const { tile, first, end, down, across, channels, tiles, exchanged } = box;
  const lines = Math.ceil(tiles / across);
  const { grid, constants, width, Vec, Half } = formOf(gpu, tile, (kernel === 'input' ? lines : tiles) * channels);
  const sides = [end - first, down, across, channels / width];
  const words = [...sides, ...positionOf(constants.GROUP, sides), h, w, top, left, first, end];
  gpu.run({
    shader: SHADERS[kernel],
    entry: `tile${tile}`,
    constants,
    types: { [kernel === 'output' ? 'Out' : 'In']: stored === 'f16' ? Half : Vec, Vec },
    bindings,
    params: params(...words, tiles, lines, tiles * sides[3], ...(exchanged ? [1, tiles] : [sides[3], 1])),
    grid,
    cost: {
      flops: FLOPS[kernel][tile] * tiles * channels,
      bytes: (4 * planesOf(tile) * tiles + bytesOf(stored) * (end - first) * h * w) * channels,
    },
    label: `winograd/${kernel}`,
  });
}

/** What of a weight [9, ci, co] becomes a matrix [rows, wide] of every plane, zero beyond what the weight has. */
export interface WeightMatrix {
  rows: number;
  wide: number;
  /** Rows and columns of a tap, and elements from one to the next; columns that do not lie together ask for `scalar`. */
  have: readonly [rows: number, columns: number];
  steps: readonly [row: number, column: number];
  /** Elements from one tap to the next; `transposed`: in reverse order. */
  tap: number;
  transposed: boolean;
  stored: Storage;
}

/** Do the transforms take one channel at a time here, wherever it lies? */
export const scalar = (gpu: Gpu): boolean => gpu.machine.winograd.channels[4] === 1;

/** The weight into [plane, rows, wide]. */
export function transformWeight(gpu: Gpu, tile: Tile, matrix: WeightMatrix, bindings: [Slice, Slice]): void {
  const { rows, wide, have, steps, tap, transposed, stored } = matrix;
  const { grid, constants, width, Vec, Half } = formOf(gpu, tile, rows * wide);
  const [row, column] = [steps[0] / width, Math.ceil(steps[1] / width)];
  gpu.run({
    shader: 'conv/winograd_weight',
    entry: `tile${tile}`,
    constants,
    types: { In: stored === 'f16' ? Half : Vec, Vec },
    bindings,
    params: params(
      ...[(rows * wide) / width, wide / width, have[0], have[1] / width, row, column],
      ...(transposed ? [(8 * tap) / width, -tap / width] : [0, tap / width]),
    ),
    grid,
    cost: {
      flops: FLOPS.weight[tile] * rows * wide,
      bytes: 4 * planesOf(tile) * rows * wide + bytesOf(stored) * 9 * have[0] * have[1],
    },
    label: 'winograd/weight',
  });
}

/** The weight gradient [9, rows, wide] from [plane, splits, more rows, wide], `step` elements from one split to the next; added to what is there unless `fresh`. */
export function gatherWeight(
  gpu: Gpu,
  tile: Tile,
  { rows, wide, step, splits, fresh }: { rows: number; wide: number; step: number; splits: number; fresh: boolean },
  bindings: [Slice, Slice],
): void {
  const { grid, constants, width, Vec } = formOf(gpu, tile, rows * wide);
  const planes = planesOf(tile);
  gpu.run({
    shader: 'conv/winograd_gradient',
    entry: `tile${tile}`,
    constants,
    types: { Vec },
    bindings,
    params: params((rows * wide) / width, step / width, splits, fresh ? 1 : 0),
    grid,
    cost: {
      flops: (FLOPS.gradient[tile] + planes * splits) * rows * wide,
      bytes: 4 * (planes * splits + (fresh ? 9 : 18)) * rows * wide,
    },
    label: 'winograd/gradient',
  });
}
