// What an op that is composed of others makes on the way. The tape frees what it holds; a constant that a later part took, nobody would.
import type { Tensor } from '../../tensor/index.ts';

/** The tensors made on the way to one result. */
export class Temporaries {
  private readonly made = new Set<Tensor>();

  /**
   * Notes what was made of `inputs`, each of which this is the last to take, and gives it back. Of these, those made on the way that are not on the tape are freed: at
   * once, or after the backward pass of what took them, which may read them.
   */
  from(inputs: readonly Tensor[], output: Tensor): Tensor {
    for (const input of inputs) {
      if (!this.made.delete(input) || input.node) continue;
      if (output.node) output.node.saved.push(input);
      else input.release();
    }
    this.made.add(output);
    return output;
  }
}
