// What nothing of the image reaches any more, when connections are gone: a normalisation makes a constant of such a channel, and nobody needs constants.
import { type Graph, readsOf } from '../models/index.ts';
import type { Survives } from './liveness.ts';

/**
 * For each normalisation, by the name of its parameters, that has channels which are not fed: 1 for a channel that is, 0 for one that is not. A residual sum is
 * fed where one side is; the mask of a convolution's own normalisation is about the convolution alone.
 */
export function silenced({ nodes }: Graph, survives: Survives): Map<string, Uint8Array> {
  const fed = new Map<string, Uint8Array>();
  const masks = new Map<string, Uint8Array>();
  const note = (norm: string | undefined, mask: Uint8Array): void => {
    if (norm !== undefined && mask.includes(0)) masks.set(norm, mask);
  };
  for (const node of nodes) {
    const [input, residual] = readsOf(node).map((name) => fed.get(name)!);
    if (node.op === 'image') fed.set(node.name, new Uint8Array(node.channels).fill(1));
    else if (node.op === 'concat')
      fed.set(node.name, Uint8Array.from(node.inputs.flatMap((name) => [...fed.get(name)!])));
    else if (node.op === 'conv') {
      const survive = survives(node.conv);
      const own = Uint8Array.from({ length: node.outputs }, (_, o) =>
        input.some((reached, i) => reached === 1 && survive(o, i)) ? 1 : 0,
      );
      note(node.norm, own);
      fed.set(node.name, residual ? own.map((reached, c) => reached | residual[c]) : own);
    } else {
      if (node.op === 'norm') note(node.norm, input);
      fed.set(node.name, input);
    }
  }
  return masks;
}
