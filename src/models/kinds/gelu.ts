// x · Φ(x), Φ the normal distribution: the activation of transformers.
import { gelu as ofNormal } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { name } from '../node/fields.ts';
import type { NodeKind } from '../node/kind.ts';

export interface GeluNode extends OneInput {
  op: 'gelu';
}

export const gelu: NodeKind<GeluNode> = {
  ...channelwise,
  op: 'gelu',
  fields: { input: name },
  forward: (_, [x]) => ofNormal(x),
  propagate: (_, [{ constant, image }]) => ({ constant: constant.map((k) => k * normal(k)), image }),
  rectified: () => false,

  // Opset 17 has no Gelu.
  onnx({ name }, [x], writer) {
    const number = (part: string, value: number): string =>
      writer.constant(`${name}/${part}`, [], Float32Array.of(value));
    const half = number('half', 0.5);
    const erf = writer.op('Erf', [writer.op('Mul', [x, number('root', Math.SQRT1_2)])]);
    return writer.op('Mul', [x, writer.op('Add', [writer.op('Mul', [erf, half]), half])]);
  },
};

/** Φ(v) by its Taylor series about 0 (Marsaglia 2004); NaN of NaN. */
function normal(v: number): number {
  if (Math.abs(v) > 8) return v > 0 ? 1 : 0;
  let [sum, term] = [v, v];
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (v * v) / n;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-v * v) / 2)) / Math.sqrt(2 * Math.PI);
}
