// Other rules for some parameters, as a table over the runs of places that parameters lie in: a step stays one dispatch whatever there is of groups.
import { keep, needScalars, type Shape, type Tensor, TensorError, tensor } from '../../tensor/index.ts';
import type { FlatParameters } from './flat-parameters.ts';

/** What is different for some parameters. */
export interface ParameterGroup {
  /** Which: a pattern that a part of the name matches, or a question asked of each name and stored shape. A parameter is of the first group that takes it. */
  match: RegExp | ((name: string, shape: Shape) => boolean);
  /** A factor on the learning rate; at 0 the parameters stay. Default 1. */
  lrScale?: number;
  /** Default: the optimizer's. */
  weightDecay?: number;
}

/**
 * A group without weight decay of what is no matrix and no filter: biases, scales and shifts of norms, a transformer's class token and positions, by their not having
 * two or four axes.
 *
 * @example
 * new AdamW(network.arena, { lr: 1e-3, weightDecay: 0.05, groups: [NO_DECAY] });
 */
export const NO_DECAY: ParameterGroup = {
  match: (_, shape) => shape.length !== 2 && shape.length !== 4,
  weightDecay: 0,
};

/**
 * Factor and decay of each run of places, f32 [runs, 2]. Throws TensorError for groups where there are no names, scalars below 0, and a pattern that no
 * name matches.
 */
export function groupTable(
  name: string,
  { values, used, tensors }: FlatParameters,
  groups: readonly ParameterGroup[],
  weightDecay: number,
): Tensor {
  if (!Array.isArray(groups)) throw new TensorError(`${name}: groups must be a list, as in groups: [NO_DECAY]`);
  if (!used || !tensors)
    throw new TensorError(`${name}: groups choose parameters by name; give the arena of a module, which has names`);
  const rules = groups.map(({ match, lrScale = 1, weightDecay: decay = weightDecay }, i) => {
    needScalars(`${name}: groups[${i}]`, { lrScale, weightDecay: decay });
    if (!(match instanceof RegExp) && typeof match !== 'function')
      throw new TensorError(
        `${name}: groups[${i}]: match is ${JSON.stringify(match)}, it must be a pattern or a function`,
      );
    if (match instanceof RegExp && ![...tensors.keys()].some((key) => key.search(match) >= 0))
      throw new TensorError(
        `${name}: groups[${i}]: no parameter's name matches ${match}; there are ${[...tensors.keys()].slice(0, 6).join(', ')}${tensors.size > 6 ? ', ...' : ''}`,
      );
    const takes = match instanceof RegExp ? (key: string) => key.search(match) >= 0 : match;
    return { takes, rule: [lrScale, decay] };
  });
  const run = values.size / used.size;
  const table = new Float32Array(2 * used.size);
  for (const [key, { shape, size, slice }] of tensors) {
    const { rule } = rules.find(({ takes }) => takes(key, shape)) ?? { rule: [1, weightDecay] };
    const first = (slice.offset - values.slice.offset) / 4 / run;
    for (let i = first; i < first + Math.ceil(size / run); i++) table.set(rule, 2 * i);
  }
  return keep(tensor(values.gpu, table, [used.size, 2], 'parameter groups'));
}
