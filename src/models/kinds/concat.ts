// Channels of all inputs, one behind the other.
import { array, nonEmpty, pipe } from 'valibot';
import { concat as concatenated, writeChannels } from '../../ops/index.ts';
import { empty } from '../../tensor/index.ts';
import { name } from '../node/fields.ts';
import { checkExtents, type NodeBase, type NodeKind } from '../node/kind.ts';

export interface ConcatNode extends NodeBase {
  op: 'concat';
  inputs: string[];
}

export const concat: NodeKind<ConcatNode> = {
  op: 'concat',
  fields: { inputs: pipe(array(name), nonEmpty('a list with a name or more')) },
  concatenates: true,
  reads: ({ inputs }) => inputs,
  channels: (_, given) => given.reduce((a, b) => a + b, 0),
  extent: (node, given) => given.reduce((one, other) => checkExtents(node, one, other)),
  layers: () => [],
  forward({ name }, inputs, { block }) {
    const place = block(name);
    if (!place) return concatenated(inputs, -1);
    const [x, added] = inputs;
    const whole = [...x.shape.slice(0, -1), place.width];
    const begun = place.first ? writeChannels(empty(x.gpu, whole, name, x.dtype), x, 0) : x;
    const y = writeChannels(begun, added, place.at);
    // Of what is recorded, backward() takes care.
    if (place.first && !begun.requiresGrad) begun.release();
    return y;
  },
  traced: {
    concat({ inputs, output, details, fresh }) {
      const nodes = inputs.map(({ node }) => node).filter((node) => node !== undefined);
      if (nodes.length < inputs.length || details.axis !== output.length - 1) return undefined;
      return { op: 'concat', name: fresh('concat'), inputs: nodes };
    },
  },
  macs: () => 0,
  classes: (_, given) => given.flat(),

  propagate: (_, given) => ({
    constant: Float64Array.from(given.flatMap(({ constant }) => [...constant])),
    image: Uint8Array.from(given.flatMap(({ image }) => [...image])),
  }),
  needs(_, own, given) {
    let at = 0;
    return given.map((channels) => own.subarray(at, (at += channels)));
  },
  rectified: (_, given) => given.every(Boolean),
  shrink: (node, { inputs }) => ({ ...node, inputs: [...inputs] }),
  idle: ({ inputs }) => inputs.length === 1,
  write: () => [],

  onnx: (_, inputs, writer) => writer.op('Concat', inputs, { axis: writer.extent.length === 1 ? 2 : 1 }),
};
