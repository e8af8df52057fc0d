// The memory that the loader shares with its workers: some batches of pixels in a ring, and the counters by which workers take places and know which batches are free. Nobody
// has to be asked for work, so that workers go on while the main thread is busy.

/** What a batch takes up. */
export interface SlotLayout {
  /** Images in a batch. */
  batch: number;
  /** The most bytes of an image. */
  bytes: number;
}

/** What is said to workers when they start; all memory is shared. */
export interface SharedSlots {
  slots: number;
  workers: number;
  control: SharedArrayBuffer;
  batches: SharedArrayBuffer;
}

/** A place whose image could not be had. */
export const FAILED = 1;
/** A place that is empty, since its image cannot be decoded. */
export const LEFT_OUT = 2;

const FREED = 0;
const STOPPED = 1;
const WORDS = 2;

/** Bytes that numbers of up to eight bytes can stand behind. */
const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** A batch in the ring. */
export interface Slot {
  /** u8, `bytes` for each image of a batch; how they lie there is up to who makes them. */
  pixels: Uint8Array;
  labels: Uint32Array;
  /** Which images they are. */
  items: Uint32Array;
  /** FAILED where there is none, LEFT_OUT where none is wanted. */
  states: Uint8Array;
}

/** The ring, as the main thread and each worker sees it. */
export class Slots {
  readonly shared: SharedSlots;
  private readonly layout: SlotLayout;
  private readonly words: Int32Array;
  /** Places taken by workers. */
  private readonly taken: BigInt64Array;
  /** Places that are done, by slot. */
  private readonly done: Int32Array;
  /** Of each worker: milliseconds of waiting and of work. */
  private readonly times: Float64Array;

  static make(layout: SlotLayout, slots: number, workers: number): Slots {
    const { batch, bytes } = layout;
    const control = new SharedArrayBuffer(8 + aligned(WORDS * 4) + aligned(slots * 4) + workers * 16);
    const batches = new SharedArrayBuffer(slots * aligned(batch * (bytes + 9)));
    return new Slots(layout, { slots, workers, control, batches });
  }

  constructor(layout: SlotLayout, shared: SharedSlots) {
    const { slots, workers, control } = shared;
    this.layout = layout;
    this.shared = shared;
    this.taken = new BigInt64Array(control, 0, 1);
    this.words = new Int32Array(control, 8, WORDS);
    const done = 8 + aligned(WORDS * 4);
    this.done = new Int32Array(control, done, slots);
    this.times = new Float64Array(control, done + aligned(slots * 4), workers * 2);
  }

  /** The slot of a batch, counted from the first that was loaded. */
  slot(number: number): Slot {
    const { batch } = this.layout;
    const { batches, slots } = this.shared;
    const bytes = batch * this.layout.bytes;
    // Words first, so that they are aligned.
    const at = (number % slots) * aligned(bytes + batch * 9);
    return {
      labels: new Uint32Array(batches, at, batch),
      items: new Uint32Array(batches, at + batch * 4, batch),
      pixels: new Uint8Array(batches, at + batch * 8, bytes),
      states: new Uint8Array(batches, at + batch * 8 + bytes, batch),
    };
  }

  /** Takes the next place that nobody has: its batch and its position there. */
  take(): { number: number; at: number } {
    const place = Number(Atomics.add(this.taken, 0, 1n));
    return { number: Math.floor(place / this.layout.batch), at: place % this.layout.batch };
  }

  /** Waits until a batch's slot is free; false when there is nothing more to do. Blocks the thread. */
  waitFor(number: number): boolean {
    for (;;) {
      const freed = Atomics.load(this.words, FREED);
      if (Atomics.load(this.words, STOPPED) === 1) return false;
      if (number < freed + this.shared.slots) return true;
      Atomics.wait(this.words, FREED, freed);
    }
  }

  /** Notes that a place is done; true for the last of its batch. */
  finish(number: number): boolean {
    return Atomics.add(this.done, number % this.shared.slots, 1) === this.layout.batch - 1;
  }

  /** Gives a slot back, when its batch was used. */
  free(number: number): void {
    Atomics.store(this.done, number % this.shared.slots, 0);
    Atomics.add(this.words, FREED, 1);
    Atomics.notify(this.words, FREED);
  }

  /** Sends all workers home as soon as they have done the place that they are at. */
  stop(): void {
    Atomics.store(this.words, STOPPED, 1);
    // Another number, so that none falls asleep that has just looked.
    Atomics.add(this.words, FREED, 1);
    Atomics.notify(this.words, FREED);
  }

  /** Adds to the times of a worker. */
  clock(worker: number, waited: number, worked: number): void {
    this.times[worker * 2] += waited;
    this.times[worker * 2 + 1] += worked;
  }

  /** Milliseconds of all workers together. */
  clocked(): { waited: number; worked: number } {
    let [waited, worked] = [0, 0];
    for (let i = 0; i < this.times.length; i += 2) {
      waited += this.times[i];
      worked += this.times[i + 1];
    }
    return { waited, worked };
  }
}
