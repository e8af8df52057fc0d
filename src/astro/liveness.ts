// Which channels of a network still carry something from the image to the logits when connections are gone (METHOD.md §7).
import { type ChannelClasses, type ConvNode, channelClasses, type Graph, type LinearNode } from '../models/index.ts';

/** Which (output, input) pairs of a layer, by the name of its parameters, survive. */
export type Survives = (layer: string) => (output: number, input: number) => boolean;

export interface Liveness extends ChannelClasses {
  /** 1 for each class of channels that stays. */
  alive: Uint8Array;
  /** Living channels of a node's value. */
  living(node: string): number;
}

type Layer = { node: ConvNode | LinearNode; inputs: Int32Array; outputs: Int32Array };

/** The layers of a graph that have connections. */
export const layersOf = ({ nodes }: Graph): (ConvNode | LinearNode)[] =>
  nodes.filter((node) => node.op === 'conv' || node.op === 'linear');

/** The name of a layer's parameters. */
export const parametersOf = (node: ConvNode | LinearNode): string => (node.op === 'conv' ? node.conv : node.linear);

/**
 * A channel lives while some surviving connection from a living channel feeds it and some surviving connection to a living channel reads it. The image's
 * channels and the logits stay whatever happens: they are the network's interface.
 */
export function liveness(graph: Graph, survives: Survives): Liveness {
  const classes = channelClasses(graph);
  const alive = new Uint8Array(classes.count).fill(1);
  const fixed = new Uint8Array(classes.count);
  for (const node of [graph.nodes[0], graph.nodes.at(-1)!]) for (const c of classes.of.get(node.name)!) fixed[c] = 1;
  const layers = layersOf(graph).map(
    (node): Layer => ({ node, inputs: classes.of.get(node.input)!, outputs: classes.of.get(node.name)! }),
  );
  const connected = layers.map(({ node }) => survives(parametersOf(node)));
  for (let changed = true; changed; ) {
    changed = false;
    const fed = Uint8Array.from(fixed);
    const read = Uint8Array.from(fixed);
    for (const [l, { inputs, outputs }] of layers.entries())
      for (let o = 0; o < outputs.length; o++) {
        if (!alive[outputs[o]]) continue;
        for (let i = 0; i < inputs.length; i++) {
          if (!alive[inputs[i]] || !connected[l](o, i)) continue;
          fed[outputs[o]] = 1;
          read[inputs[i]] = 1;
        }
      }
    for (let c = 0; c < alive.length; c++)
      if (alive[c] && !(fed[c] && read[c])) {
        alive[c] = 0;
        changed = true;
      }
  }
  const living = (node: string): number => classes.of.get(node)!.reduce((sum, c) => sum + alive[c], 0);
  return { ...classes, alive, living };
}
