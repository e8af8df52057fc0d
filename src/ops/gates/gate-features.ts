// Features of weights: what an astrocyte network sees of a network, one number per gate (docs/method.md §2: the mean or the largest weight of the axes that the
// gate map drops), of all layers at once.
import { needFields } from '../../gpu/index.ts';
import { empty, record, type Tensor } from '../../tensor/index.ts';
import { type GatedWeight, gateCounts, groupByBuffer, launchGates } from './gates.ts';

/** What is taken of a gate's weights. */
export interface FeatureOptions {
  kind: 'avg' | 'max';
  /** Of |w| in place of w. Default false. */
  absolute?: boolean;
  /** Looks at the weights times these gates, which are constants. */
  gates?: Tensor;
}

/**
 * Mean or largest weight of each gate, f32 [gates of all weights]. The gradient of the largest goes to the first such weight (input by input or
 * output by output, then row by row of the kernel). Throws TensorError where there are too few gates, or for a weight of another rank.
 */
export function gateFeatures(weights: readonly GatedWeight[], options: FeatureOptions): Tensor {
  needFields('gateFeatures', 'options', options, { kind: 'a text' });
  const { kind, absolute = false, gates } = options;
  const total = gateCounts('gateFeatures', weights, gates);
  const tensors = weights.map(({ weight }) => weight);
  const { gpu } = tensors[0];
  const max = kind === 'max';
  const y = empty(gpu, [total], `gateFeatures ${kind}`);
  const argmax = empty(gpu, [max ? total : 1], 'argmax', 'u32');
  const constants = { MAX: max, ABSOLUTE: absolute, GATED: gates !== undefined };
  const size = tensors.reduce((sum, tensor) => sum + tensor.size, 0);
  for (const { members, slice, begins } of groupByBuffer(tensors))
    launchGates({
      shader: 'gates/features',
      weights: members.map((i) => weights[i]),
      begins: begins.map((weight) => ({ weight })),
      bindings: [slice, gates?.slice ?? slice, y.slice, argmax.slice],
      constants: { ...constants, TIMES: false },
      cost: { flops: size, bytes: 4 * (size + total) },
      label: `gates/${kind}`,
    });
  return record(
    'gateFeatures',
    y,
    tensors,
    (dy, sink) => {
      for (const [i, weight] of tensors.entries())
        sink.write(i, (out) =>
          launchGates({
            shader: 'gates/features_backward',
            weights: [weights[i]],
            begins: [{ weight: 0, other: 0 }],
            bindings: [weight.slice, gates?.slice ?? weight.slice, dy.slice, argmax.slice, out.slice],
            constants,
            cost: { flops: weight.size, bytes: 2 * weight.bytes },
            label: 'gates/features backward',
          }),
        );
    },
    [argmax],
  );
}
