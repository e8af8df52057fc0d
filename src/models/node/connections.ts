// What the connections of a layer carry on, and what they need: the same for a convolution and a linear layer.
import type { Carried, Values } from './compaction.ts';
import type { Connections } from './kind.ts';

/** What a layer makes of what it is given, `bias` added where there is one: a constant, where all that reaches an output is constant and there is no border. */
export function throughConnections(
  { layer, inputs, outputs, border }: Connections,
  bias: ArrayLike<number> | undefined,
  given: Carried,
  values: Values,
): Carried {
  const { survives, sum } = values.connections(layer);
  const image = new Uint8Array(outputs);
  const constant = Float64Array.from(image, (_, o) => {
    let total = bias ? bias[o] : 0;
    for (let i = 0; i < inputs; i++) {
      if (given.constant[i] === 0 || !survives(o, i)) continue;
      image[o] |= given.image[i];
      total += border ? Number.NaN : given.constant[i] * sum(o, i);
    }
    return total;
  });
  return { constant, image };
}

/** 1 for each input that a connection leads on to an output which is needed. */
export function neededInputs({ layer, inputs }: Connections, own: Uint8Array, values: Values): Uint8Array {
  const { survives } = values.connections(layer);
  const needed = new Uint8Array(inputs);
  for (const [o, needs] of own.entries()) if (needs) for (let i = 0; i < inputs; i++) if (survives(o, i)) needed[i] = 1;
  return needed;
}
