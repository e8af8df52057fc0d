// Which pictures are a batch: of one group each, upright or lying ones, so that little of a batch is padding. As in Detectron2 a group goes on through the epochs as one stream,
// and a batch comes when its last picture does; unlike there, any batch can be told by its number alone, so that a resumed run and each worker know it.
import { shuffledOrder } from '../arrays/shuffle.ts';

/** What is ordered. */
export interface GroupedOrderOptions {
  /** The group of each item, numbered from 0. */
  groups: Uint8Array;
  batch: number;
  seed: number;
  /** Each epoch in an order of its own; else the groups one after the other as they are, and the last batch of each is filled up with its first items. */
  shuffle: boolean;
}

/** A batch: each place's item, and the epoch that this one is of. */
export interface OrderedBatch {
  items: readonly number[];
  epochs: readonly number[];
  /** Items from the batch's beginning that are not there only to fill it up. */
  fresh: number;
  /** Of the batch: that of its last item. */
  epoch: number;
}

/** Of an epoch: the items of each group in order, and the batches that end in it, by group and number in the group. */
interface Epoch {
  groups: readonly Uint32Array[];
  ends: readonly (readonly [group: number, number: number])[];
}

/** Finds batches by their number, counted from the beginning of a run. */
export class GroupedOrder {
  private readonly options: GroupedOrderOptions;
  private readonly sizes: readonly number[];
  private readonly epochs = new Map<number, Epoch>();

  constructor(options: GroupedOrderOptions) {
    this.options = options;
    const sizes: number[] = [];
    for (const group of options.groups) sizes[group] = (sizes[group] ?? 0) + 1;
    this.sizes = Array.from(sizes, (size) => size ?? 0);
  }

  /** Batches that end in an epoch: where each has its own order, in the first; later ones may have one more of a group. */
  get batches(): number {
    return this.before(1);
  }

  find(draw: number): OrderedBatch {
    const { batch, groups, shuffle } = this.options;
    if (!shuffle) return this.inOrder(draw);
    let epoch = Math.floor((draw * batch) / groups.length);
    while (this.before(epoch + 1) <= draw) epoch++;
    const [group, number] = this.epoch(epoch).ends[draw - this.before(epoch)];
    const size = this.sizes[group];
    const places = Array.from({ length: batch }, (_, at) => number * batch + at);
    const epochs = places.map((place) => Math.floor(place / size));
    const items = places.map((place, at) => this.epoch(epochs[at]).groups[group][place % size]);
    for (const known of this.epochs.keys()) if (known < Math.min(epochs[0], epoch - 1)) this.epochs.delete(known);
    return { items, epochs, fresh: batch, epoch };
  }

  private inOrder(draw: number): OrderedBatch {
    const { batch } = this.options;
    const epoch = Math.floor(draw / this.batches);
    const { groups, ends } = this.epoch(0);
    const [group, number] = ends[draw % this.batches];
    const items = Array.from({ length: batch }, (_, at) => groups[group][(number * batch + at) % this.sizes[group]]);
    const fresh = Math.min(batch, this.sizes[group] - number * batch);
    return { items, epochs: new Array(batch).fill(epoch), fresh, epoch };
  }

  /** Batches that end before an epoch begins. */
  private before(epoch: number): number {
    const { batch, shuffle } = this.options;
    if (shuffle) return this.sizes.reduce((sum, size) => sum + Math.floor((epoch * size) / batch), 0);
    return this.sizes.reduce((sum, size) => sum + epoch * Math.ceil(size / batch), 0);
  }

  private epoch(number: number): Epoch {
    const found = this.epochs.get(number) ?? this.makeEpoch(number);
    this.epochs.set(number, found);
    return found;
  }

  private makeEpoch(number: number): Epoch {
    const { groups, batch, seed, shuffle } = this.options;
    const made = this.sizes.map((size) => new Uint32Array(size));
    const seen = this.sizes.map(() => 0);
    const ends: [number, number][] = [];
    const order = shuffle ? shuffledOrder(groups.length, seed, number) : groups.keys();
    for (const item of order) {
      const group = groups[item];
      made[group][seen[group]++] = item;
      const place = number * this.sizes[group] + seen[group];
      if (shuffle && place % batch === 0) ends.push([group, place / batch - 1]);
    }
    if (!shuffle)
      for (const [group, size] of this.sizes.entries())
        for (let first = 0; first < size; first += batch) ends.push([group, first / batch]);
    return { groups: made, ends };
  }
}
