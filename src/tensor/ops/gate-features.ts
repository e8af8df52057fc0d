// Features of a weight: what an astrocyte network sees of a layer, one number per gate (METHOD §2: the mean or the largest weight of the
// axes that the gate map drops).
import { grid1d, params } from '../../gpu/index.ts';
import { record } from '../autograd.ts';
import { empty, type Tensor } from '../tensor.ts';
import { byPair, expandGates, foldGates, type Gate, gatedBy, lanes } from './gates.ts';

export interface FeatureOptions {
  /** Of |w| in place of w. Default false. */
  absolute?: boolean;
}

/**
 * Mean or largest weight of each gate: w [kh, kw, Cin, Cout] or [Cin, Cout], f32 → [Cout, Cin], [Cout] or [Cin]. The gradient of the largest
 * goes to the first such weight (input by input or output by output, then row by row of the kernel). Throws TensorError for another rank.
 */
export function gateFeatures(
  w: Tensor,
  gate: Gate,
  kind: 'avg' | 'max',
  { absolute = false }: FeatureOptions = {},
): Tensor {
  const { gpu } = w;
  const gated = gatedBy('gateFeatures', w, gate);
  const { types, pairs } = lanes(gated);
  const max = kind === 'max';
  const y = empty(gpu, gated.shape, `gateFeatures ${kind}`);
  const perPair = empty(gpu, [gated.inputs, gated.outputs], 'feature per connection');
  const levels = empty(gpu, max ? perPair.shape : [1], 'levels', 'u32');
  gpu.run({
    shader: 'gate_depth',
    entry: max ? 'largest' : 'sum',
    types,
    constants: { ABSOLUTE: absolute },
    bindings: [w.slice, perPair.slice, levels.slice],
    params: params(gated.depth, pairs),
    grid: grid1d(Math.ceil(pairs / 64)),
    cost: { flops: w.size, bytes: w.bytes + perPair.bytes * (max ? 2 : 1) },
    label: `gateFeatures/${kind}`,
  });
  const places = max ? empty(gpu, gated.shape, 'places', 'u32') : undefined;
  foldGates(perPair, y, gated, 1 / gated.share, places && { levels, places });
  perPair.release();
  levels.release();

  return record(
    'gateFeatures',
    y,
    [w],
    (dy, sink) =>
      sink.write(0, (dw) => {
        if (!places) {
          const full = expandGates(dy, gated, 1 / gated.share);
          byPair('spread', w, full, dw, gated, absolute);
          full.release();
          return;
        }
        gpu.fill(dw.slice, 0);
        gpu.run({
          shader: 'gate_scatter',
          constants: { ABSOLUTE: absolute },
          bindings: [dy.slice, places.slice, w.slice, dw.slice],
          params: params(dy.size),
          grid: grid1d(Math.ceil(dy.size / 64)),
          cost: { flops: 0, bytes: dy.bytes * 4 },
          label: 'gateFeatures/scatter',
        });
      }),
    places ? [places] : [],
  );
}
