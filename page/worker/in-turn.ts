// Work on the GPU goes one after another: steps of the training, and between them what the page asks for.

/** A line of work. What fails holds nobody up. */
export class InTurn {
  private last: Promise<unknown> = Promise.resolve();

  /** Does `work` when all that was asked for before is done. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => {});
    return mine;
  }
}

/** Lets whoever waits have a turn: calls that have come are taken in. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
