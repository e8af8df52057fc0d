// The astrocyte network `axial` of docs/method.md §3: a map of gates is a matrix whose rows and columns have no order (they are channels of the task network), so that what is
// made of a gate may depend on the gate, on its row, its column and its map as sets, and on nothing that an order would change.
import type { Gpu } from '../../gpu/index.ts';
import { Linear, Module } from '../../nn/index.ts';
import { concat, permute, relu, reshape, segmentAdd, segmentMean, slice } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import { AXIAL_WIDTH, type AxisGroup, checkAxes, mostGates } from '../packing/map-axes.ts';
import type { MapRegion, PackedMaps } from '../packing/packed-maps.ts';
import { Norm } from './blocks.ts';
import { AstrocyteNetwork } from './network.ts';

/** A layer on exchangeable matrices (Hartford, Graham, Leyton-Brown and Ravanbakhsh 2018): h·A, and the means of h over row, column and map times B, C and D. */
class Exchange extends Module {
  readonly own: Linear;
  readonly row: Linear;
  readonly column: Linear;
  readonly map: Linear;

  constructor(inputs: number, outputs: number) {
    super();
    const matrix = (): Linear => new Linear(inputs, outputs, { bias: false });
    this.own = matrix();
    this.row = matrix();
    this.column = matrix();
    this.map = matrix();
  }

  /** f32 [gates, inputs] to [gates, outputs]. */
  forward(h: Tensor, { rows, columns, rowsOfMaps }: AxisGroup): Tensor {
    const means = segmentMean(h, rows);
    // Means of rows' means: a map's rows are equally long, and the layers of vectors, which are rows, count the same whatever their size.
    const ofMap = this.map.forward(segmentMean(means, rowsOfMaps));
    const ofRow = segmentAdd(this.row.forward(means), ofMap, rowsOfMaps);
    const ofColumn = this.column.forward(segmentMean(h, columns));
    return segmentAdd(segmentAdd(this.own.forward(h), ofRow, rows), ofColumn, columns);
  }
}

/** A network on matrices without order: what permutes rows or columns of the features permutes those of the logits. 1,152 parameters whatever the maps. */
export class Axial extends AstrocyteNetwork {
  /** What is made of each gate's features alone. */
  readonly lift: Linear;
  /** Features of a gate from its own and the means over its row, its column and its map. */
  readonly mix = new Exchange(AXIAL_WIDTH, AXIAL_WIDTH);
  /** Normalization and ReLU of what was mixed. */
  readonly norm = new Norm(AXIAL_WIDTH);
  /** The same mixing, to one logit a gate. */
  readonly score = new Exchange(AXIAL_WIDTH, 1);

  /** `inputs`: features of a gate that it sees. Default 1. */
  constructor(inputs = 1) {
    super(inputs);
    this.lift = new Linear(inputs, AXIAL_WIDTH);
  }

  override lastLayers(): Module[] {
    return [this.score];
  }

  /** Throws ConfigError for a map that no buffer holds the values of. */
  override check(gpu: Gpu, maps: readonly MapRegion[]): void {
    checkAxes(maps, mostGates(gpu));
  }

  override prepare(packed: PackedMaps): void {
    void packed.axes;
  }

  override forward(features: Tensor, packed: PackedMaps): Tensor {
    const { groups } = packed.axes;
    const rows = this.inputs === 1 ? reshape(features, [-1, 1]) : permute(features, [1, 0]);
    if (groups.length === 1) return this.logits(rows, groups[0]);
    const logits = groups.map((group) => this.logits(slice(rows, [group.at, 0], [group.length, this.inputs]), group));
    return concat(logits, 0);
  }

  /** By map, whose statistics are its own: [gates, inputs] to [gates]. */
  private logits(features: Tensor, group: AxisGroup): Tensor {
    const lifted = relu(this.lift.forward(features));
    const [mixed] = this.norm.forward([this.mix.forward(lifted, group)], group.maps);
    return reshape(this.score.forward(mixed, group), [group.length]);
  }
}
