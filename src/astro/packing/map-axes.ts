// The gates of feature maps by row and by column, for a network that takes both as sets: nothing of this depends on how rows and columns are ordered, and nothing is packed.
import type { Gpu } from '../../gpu/index.ts';
import { Segments } from '../../ops/index.ts';
import { tooLarge } from './images.ts';
import type { MapRegion } from './packed-maps.ts';

/** Channels of the widest value that is made of each gate. */
export const AXIAL_WIDTH = 16;

/** Maps whose gates, which follow each other, make one tensor. */
export interface AxisGroup {
  /** Their first gate in the flat tensor, and their number. */
  at: number;
  length: number;
  /** Gates of each map. */
  maps: Segments;
  /** Gates of each row of each map, and of each column. Of vectors a layer is a row, and all layers together are the column. */
  rows: Segments;
  columns: Segments;
  /** Rows of each map. */
  rowsOfMaps: Segments;
}

/** Positions of gates, counted from the first of all. */
type Gates = Uint32Array;

/** Which gates share a row, a column or a map, on the GPU: for all maps at once, or as many as a buffer holds values of. Owns GPU memory; release() it. */
export class MapAxes {
  /** All maps at once, or groups of neighboring ones. */
  readonly groups: readonly AxisGroup[];

  /** A value of a group has at most so many gates, by default as many as a buffer holds. Throws ConfigError for a map with more of them. */
  constructor(gpu: Gpu, maps: readonly MapRegion[], most: number = mostGates(gpu)) {
    checkAxes(maps, most);
    this.groups = groupsOf(maps, most).map((group) => axesOf(gpu, group));
  }

  /** Gives back the tables of all groups. */
  release(): void {
    for (const { maps, rows, columns, rowsOfMaps } of this.groups)
      for (const owned of [maps, rows, columns, rowsOfMaps]) owned.release();
  }
}

/** Gates whose widest value fills one buffer of the device. */
export function mostGates({ device }: Pick<Gpu, 'device'>): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / (4 * AXIAL_WIDTH));
}

/** Throws ConfigError for a map of more gates than `most`: its rows and columns are taken as a whole. */
export function checkAxes(maps: readonly Omit<MapRegion, 'at' | 'batch'>[], most: number): void {
  for (const { name, height, width, length } of maps)
    if (length > most)
      throw tooLarge(`the ${height}×${width} gates of ${name ?? 'a layer'}`, {
        bytes: 4 * AXIAL_WIDTH * length,
        held: 4 * AXIAL_WIDTH * most,
      });
}

/** Maps in the order of their gates, in groups of at most so many gates. */
function groupsOf(maps: readonly MapRegion[], most: number): MapRegion[][] {
  const groups: MapRegion[][] = [];
  let room = 0;
  for (const map of maps.toSorted((a, b) => a.at - b.at)) {
    if (map.length > room) {
      groups.push([]);
      room = most;
    }
    groups[groups.length - 1].push(map);
    room -= map.length;
  }
  return groups;
}

function axesOf(gpu: Gpu, group: readonly MapRegion[]): AxisGroup {
  const [{ at }] = group;
  const length = group.reduce((sum, map) => sum + map.length, 0);
  const rows = group.map((map) => rowsOf(map, at));
  let first = 0;
  const rowsOfMaps = rows.map((list) => {
    first += list.length;
    return range(first - list.length, list.length);
  });
  const gates = (lists: readonly Gates[], label: string): Segments => new Segments(gpu, length, lists, label);
  return {
    at,
    length,
    maps: gates(
      group.map((map) => range(map.at - at, map.length)),
      'gates of maps',
    ),
    rows: gates(rows.flat(), 'gates of rows'),
    columns: gates(
      group.flatMap((map) => columnsOf(map, at)),
      'gates of columns',
    ),
    rowsOfMaps: new Segments(gpu, first, rowsOfMaps, 'rows of maps'),
  };
}

const rowsOf = ({ at, length, width, layers }: MapRegion, from: number): Gates[] =>
  layers
    ? layers.map((layer) => range(layer.at - from, layer.length))
    : Array.from({ length: Math.ceil(length / width) }, (_, y) =>
        range(at - from + y * width, Math.min(width, length - y * width)),
      );

const columnsOf = ({ at, length, width, layers }: MapRegion, from: number): Gates[] =>
  layers
    ? [range(at - from, length)]
    : Array.from({ length: Math.min(width, length) }, (_, x) =>
        Uint32Array.from({ length: Math.ceil((length - x) / width) }, (_, y) => at - from + y * width + x),
      );

const range = (first: number, length: number): Gates => Uint32Array.from({ length }, (_, i) => first + i);
