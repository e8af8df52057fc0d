// x · Φ(x), Φ the normal distribution: the activation of transformers.
import { literal, optional } from 'valibot';
import { gelu as ofNormal } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { name } from '../node/fields.ts';
import type { NodeKind } from '../node/kind.ts';

export interface GeluNode extends OneInput {
  op: 'gelu';
  /** Φ by a tanh, as some published weights were trained; default Φ itself. */
  approximate?: 'tanh';
}

export const gelu: NodeKind<GeluNode> = {
  ...channelwise,
  op: 'gelu',
  fields: { input: name, approximate: optional(literal('tanh', "'tanh'")) },
  forward: ({ approximate }, [x]) => ofNormal(x, { approximate }),
  traced: {
    gelu({ inputs: [x], details: { approximate }, fresh }) {
      if (x.node === undefined) return undefined;
      const node: GeluNode = { op: 'gelu', name: fresh('gelu'), input: x.node };
      return approximate === 'tanh' ? { ...node, approximate } : node;
    },
  },
  propagate: ({ approximate }, [{ constant, image }]) => ({
    constant: constant.map((k) => k * (approximate ? nearlyNormal(k) : normal(k))),
    image,
  }),
  rectified: () => false,

  // Opset 17 has no Gelu.
  onnx({ name, approximate }, [x], writer) {
    const number = (part: string, value: number): string =>
      writer.constant(`${name}/${part}`, [], Float32Array.of(value));
    const times = (a: string, b: string): string => writer.op('Mul', [a, b]);
    const half = number('half', 0.5);
    const s = approximate
      ? writer.op('Tanh', [
          times(
            times(x, number('root', ROOT)),
            writer.op('Add', [times(times(x, x), number('cubic', CUBIC)), number('one', 1)]),
          ),
        ])
      : writer.op('Erf', [times(x, number('root', Math.SQRT1_2))]);
    return times(x, writer.op('Add', [times(s, half), half]));
  },
};

/** Hendrycks and Gimpel 2016: Φ(v) is about ½ + ½ tanh(√(2/π) (v + 0.044715 v³)). */
const [ROOT, CUBIC] = [Math.sqrt(2 / Math.PI), 0.044715];
const nearlyNormal = (v: number): number => 0.5 + 0.5 * Math.tanh(ROOT * (v + CUBIC * v ** 3));

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
