// What all loaders have in common: a crew of workers, and the same questions to it.
import type { BatchCrew, LoaderWaits, OddImages } from './batch-crew.ts';

/** A loader whose batches a crew of worker threads makes. close() it. */
export abstract class CrewLoader {
  protected abstract readonly crew: BatchCrew;

  /** Threads that read and decode. */
  get workers(): number {
    return this.crew.workers;
  }

  /** Batches given out so far: with the options all that a resumed run needs. */
  get draws(): number {
    return this.crew.draws;
  }

  /** Who waited for whom so far. */
  get waits(): LoaderWaits {
    return this.crew.waits;
  }

  /** What was left out so far. */
  get odd(): OddImages {
    return this.crew.odd;
  }

  /** Goes to another place: what was made ahead is given up. */
  seek(draws: number): Promise<void> {
    return this.crew.seek(draws);
  }

  /** Ends the workers, each with the image that it is at; who waits for a batch gets a LoaderError. The next batch starts new ones. */
  close(): Promise<void> {
    return this.crew.close();
  }
}
