// x · Φ(x), Φ the normal distribution: the activation of transformers.
import { gelu as ofNormal } from '../../ops/index.ts';
import { channelwise, type OneInput } from '../node/channelwise.ts';
import { varying } from '../node/compaction.ts';
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
  propagate: (_, [{ constant, image }]) => ({ constant: varying(constant.length), image }),
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
