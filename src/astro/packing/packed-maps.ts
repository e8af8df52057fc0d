// All feature maps in one image, so that the astrocyte network runs once for a whole task network; where one buffer does not hold its values, in several. After each
// downsampling they are packed anew, and always a pixel apart that stays zero: each map, or piece of one, sees the padding that it would have alone.
import { type Gpu, needArguments } from '../../gpu/index.ts';
import {
  concat,
  type Downsampling,
  type IndexMap,
  NO_INDEX,
  type PackedSize,
  permuteScatter,
  reshape,
  Segments,
  slice,
  split,
} from '../../ops/index.ts';
import { keep, needSizes, type Tensor, tensor } from '../../tensor/index.ts';
import { checkMaps, halved, imagesOf, mostPixels, piecesOf } from './images.ts';
import { MapAxes } from './map-axes.ts';
import type { Packing } from './pack-rectangles.ts';
import { RegionGroups } from './region-groups.ts';

/** A matrix of gates that is one image to the astrocyte. */
export interface MapRegion {
  height: number;
  width: number;
  /** Its first gate in the flat tensor, and their number: H·W, or less where the last row is not full. */
  at: number;
  length: number;
  /** Maps of one batch are normalized together. */
  batch: number;
  /** Of the layer, for messages. */
  name?: string;
  /** Of a matrix that vectors are laid into: the gates (or groups of them) of each layer. */
  layers?: readonly { at: number; length: number }[];
}

/** One of the images at one resolution. */
export interface PackedImage extends PackedSize {
  /** From the level before, whose maps are twice as high and wide; none at full size. */
  downsampling?: Downsampling;
}

/** The packed maps at one resolution: the full one, or after some downsamplings. */
export interface PackedLevel {
  /** Most often one. */
  images: readonly PackedImage[];
  /** The pixels of each batch, over all images. */
  batches: Segments;
}

/** Times that a map's sides are divided by 2. */
export const DOWNSAMPLINGS = 3;

/** The maps of one layout, packed: indices on the GPU that take gates into the images, from level to level, and back. */
export class PackedMaps {
  /** Full size first, DOWNSAMPLINGS more behind it. */
  readonly levels: readonly PackedLevel[];
  /** The gates of each map. */
  readonly maps: Segments;
  /** Number of gates. */
  readonly gates: number;
  /** The maps by shape. */
  readonly shapes: RegionGroups;
  /** Of each image, from its own gates, in their order (sources), to pixels at full size (targets). */
  private readonly pixelIndex: readonly IndexMap[];
  /** From all gates to those of one image behind those of the other, where that is another order: so each image's index and values are as large as its part of the gates. */
  private readonly byImage?: IndexMap;
  private readonly regions: readonly MapRegion[];
  private madeAxes?: MapAxes;

  /**
   * `maps` share one flat tensor; an image has at most so many `pixels`, by default as many as let a buffer hold the widest value of them. Throws TensorError for a map without gates,
   * or with those of another, ConfigError where not even a few rows of one fit.
   */
  constructor(gpu: Gpu, maps: readonly MapRegion[], pixels?: number) {
    needArguments('PackedMaps', 'a Gpu', { gpu });
    needArguments('PackedMaps', 'a list', { maps });
    for (const { height, width, length } of maps) needSizes('PackedMaps', { height, width, length });
    const most = pixels ?? mostPixels(gpu);
    checkMaps(maps, most);
    const words = (values: Uint32Array, label: string): Tensor =>
      keep(tensor(gpu, values, [values.length], label, 'u32'));
    const pieces = piecesOf(maps, most);
    const sizes = Array.from({ length: DOWNSAMPLINGS + 1 }, (_, level) =>
      pieces.map(({ height, width }) => ({ height: halved(height, level), width: halved(width, level) })),
    );
    const batches = pieces.map(({ map }) => maps[map].batch);
    const images = imagesOf(sizes, batches, most);
    const placeOf = places(images, pieces.length);
    /** Calls `visit` with each pixel of a piece in its image, row by row. */
    const eachPixel = (level: number, piece: number, visit: (pixel: number, y: number, x: number) => void): void => {
      const { image, at } = placeOf[piece];
      const { width, offsets } = images[image].packings[level];
      const size = sizes[level][piece];
      for (let y = 0; y < size.height; y++)
        for (let x = 0; x < size.width; x++) visit((offsets[at].y + y) * width + offsets[at].x + x, y, x);
    };
    const downsampling = (level: number, { pieces, packings }: (typeof images)[number]): Downsampling => {
      const [fine, coarse] = [packings[level - 1], packings[level]];
      const children = new Uint32Array(area(coarse)).fill(NO_INDEX);
      const parents = new Uint32Array(area(fine)).fill(NO_INDEX);
      const sources = new Uint32Array(area(fine)).fill(NO_INDEX);
      const targets = new Uint32Array(4 * area(coarse)).fill(NO_INDEX);
      for (const [at, piece] of pieces.entries())
        eachPixel(level, piece, (pixel, y, x) => {
          const child = (fine.offsets[at].y + 2 * y) * fine.width + fine.offsets[at].x + 2 * x;
          children[pixel] = child;
          for (let k = 0; k < 4; k++) {
            const [row, column] = [k >> 1, k & 1];
            const own = child + row * fine.width + column;
            const upsampledRow = (2 * (coarse.offsets[at].y + y) + row) * 2 * coarse.width;
            const upsampled = upsampledRow + 2 * (coarse.offsets[at].x + x) + column;
            parents[own] = 4 * pixel + k;
            sources[own] = upsampled;
            targets[upsampled] = own;
          }
        });
      return {
        ...{ fine, coarse, childIndex: words(children, 'children'), parentIndex: words(parents, 'parents') },
        upsampleIndex: { sources: words(sources, 'sources'), targets: words(targets, 'targets') },
      };
    };
    /** Where each image's pixels begin at a level, counted through all images. */
    const begins = sizes.map((_, level) => running(images.map(({ packings }) => area(packings[level]))));
    const pixelsOf = (level: number, list: readonly number[]): Uint32Array => {
      const all = new Uint32Array(list.reduce((sum, piece) => sum + area(sizes[level][piece]), 0));
      let count = 0;
      for (const piece of list)
        eachPixel(level, piece, (pixel) => {
          all[count++] = begins[level][placeOf[piece].image] + pixel;
        });
      return all;
    };
    const areas = (level: number): number[] => images.map(({ packings }) => area(packings[level]));
    this.levels = sizes.map((_, level) => {
      const lists = grouped(batches).map((list) => pixelsOf(level, list));
      return {
        images: images.map((image) => ({
          ...sizeOf(image.packings[level]),
          downsampling: level > 0 ? downsampling(level, image) : undefined,
        })),
        batches: new Segments(gpu, areas(level), lists, `maps at 1/${2 ** level}`),
      };
    });
    const piecesByMap = grouped(pieces.map(({ map }) => map));
    this.shapes = new RegionGroups(gpu, maps, areas(DOWNSAMPLINGS), (map) => pixelsOf(DOWNSAMPLINGS, piecesByMap[map]));

    const gates = maps.reduce((sum, { length }) => sum + length, 0);
    this.regions = maps;
    this.gates = gates;
    this.maps = new Segments(gpu, gates, maps.map(gateRange), 'gates of maps');
    const stretches = pieces.map(({ map, row, height }): { first: number; length: number } => {
      const { width, at, length } = maps[map];
      return { first: at + row * width, length: Math.min(height * width, length - row * width) };
    });
    const order = new Uint32Array(gates);
    const placed = new Uint32Array(gates);
    let reached = 0;
    this.pixelIndex = images.map((image) => {
      const begin = reached;
      const own = image.pieces.toSorted((a, b) => stretches[a].first - stretches[b].first);
      const sources = new Uint32Array(area(image.packings[0])).fill(NO_INDEX);
      const targets = new Uint32Array(own.reduce((sum, piece) => sum + stretches[piece].length, 0));
      for (const piece of own) {
        const { first, length } = stretches[piece];
        const { width } = pieces[piece];
        eachPixel(0, piece, (pixel, y, x) => {
          const i = y * width + x;
          if (x >= width || i >= length) return;
          sources[pixel] = reached - begin + i;
          targets[reached - begin + i] = pixel;
          order[reached + i] = first + i;
          placed[first + i] = reached + i;
        });
        reached += length;
      }
      return { sources: words(sources, 'gates of pixels'), targets: words(targets, 'pixels of gates') };
    });
    if (order.some((gate, place) => gate !== place))
      this.byImage = { sources: words(order, 'gates by image'), targets: words(placed, 'places by image') };
  }

  /** The maps' gates by row and by column. Made when they are asked for first, which a capture may not do. Throws ConfigError as MapAxes does. */
  get axes(): MapAxes {
    this.madeAxes ??= new MapAxes(this.maps.gpu, this.regions);
    return this.madeAxes;
  }

  /**
   * One value a gate, f32 [gates], to the images at full size, f32 [1,H,W,1] each, zero elsewhere; several, f32 [inputs, gates], to images of as many channels. Differentiable. Throws
   * TensorError for another size or dtype.
   */
  pack(values: Tensor): Tensor[] {
    const { gates } = this;
    const rows =
      values.shape.length === 2
        ? Array.from({ length: values.shape[0] }, (_, c) => reshape(slice(values, [c, 0], [1, gates]), [gates]))
        : [values];
    const channels = rows.map((row) => this.packed(row));
    if (channels.length === 1) return channels[0];
    return this.levels[0].images.map((_, i) =>
      concat(
        channels.map((images) => images[i]),
        3,
      ),
    );
  }

  private packed(values: Tensor): Tensor[] {
    const { byImage, gates, pixelIndex } = this;
    const ordered = byImage ? permuteScatter(values, [gates], byImage) : values;
    const counts = pixelIndex.map(({ targets }) => targets.size);
    const parts = counts.length > 1 ? split(ordered, counts) : [ordered];
    return this.levels[0].images.map(({ height, width }, i) =>
      permuteScatter(parts[i], [1, height, width, 1], pixelIndex[i]),
    );
  }

  /** The images at full size, f32 [1,H,W,1] each, to one value a gate, f32 [gates]. Differentiable. Throws TensorError for another size or dtype. */
  unpack(images: readonly Tensor[]): Tensor {
    const { byImage, gates, pixelIndex } = this;
    const back = ({ sources, targets }: IndexMap): IndexMap => ({ sources: targets, targets: sources });
    const parts = images.map((image, i) => permuteScatter(image, [pixelIndex[i].targets.size], back(pixelIndex[i])));
    const ordered = parts.length > 1 ? concat(parts, 0) : parts[0];
    return byImage ? permuteScatter(ordered, [gates], back(byImage)) : ordered;
  }

  /** Frees its memory on the GPU. */
  release(): void {
    for (const { images, batches } of this.levels) {
      batches.release();
      for (const { downsampling } of images)
        for (const owned of [
          downsampling?.childIndex,
          downsampling?.parentIndex,
          downsampling?.upsampleIndex.sources,
          downsampling?.upsampleIndex.targets,
        ])
          owned?.release();
    }
    for (const index of [...this.pixelIndex, this.byImage])
      for (const owned of [index?.sources, index?.targets]) owned?.release();
    for (const owned of [this.maps, this.shapes, this.madeAxes]) owned?.release();
  }
}

const sizeOf = ({ height, width }: Packing): PackedSize => ({ height, width });

/** Each piece's image, and its place in that. */
function places(images: readonly { pieces: readonly number[] }[], count: number): { image: number; at: number }[] {
  const found = new Array<{ image: number; at: number }>(count);
  for (const [image, { pieces }] of images.entries())
    for (const [at, piece] of pieces.entries()) found[piece] = { image, at };
  return found;
}

/** The sum of those before each. */
const running = (counts: readonly number[]): number[] => {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum - count;
  });
};

const area = ({ height, width }: PackedSize): number => height * width;

/** Positions by the number of their group. */
function grouped(groups: readonly number[]): number[][] {
  const members: number[][] = [];
  for (const [i, group] of groups.entries()) (members[group] ??= []).push(i);
  return members;
}

/** The gates from `at` on. */
export const gateRange = ({ at, length }: { at: number; length: number }): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => at + i);
