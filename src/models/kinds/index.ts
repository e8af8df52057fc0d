// The kinds of nodes. A new one is one line here.
import { GraphError, type NodeBase, type NodeKind } from '../node/kind.ts';
import { concat } from './concat.ts';
import { conv } from './conv.ts';
import { globalPool } from './global-pool.ts';
import { image } from './image.ts';
import { linear } from './linear.ts';
import { norm } from './norm.ts';
import { avgPool, maxPool } from './pool.ts';
import { shift } from './shift.ts';

const KINDS = [image, conv, norm, shift, concat, maxPool, avgPool, globalPool, linear];

type NodeOf<Kind> = Kind extends NodeKind<infer Node> ? Node : never;

/** A node of any kind of this package. */
export type GraphNode = NodeOf<(typeof KINDS)[number]>;

const kinds = new Map<string, NodeKind>(KINDS.map((kind) => [kind.op, kind as NodeKind]));

/** Adds a kind of one's own to those of the package, for all graphs. Throws GraphError where there is one of that name. */
export function addNodeKind<N extends NodeBase>(kind: NodeKind<N>): void {
  if (kinds.has(kind.op)) throw new GraphError(`there is a kind of node "${kind.op}" already; give yours another name`);
  kinds.set(kind.op, kind as NodeKind);
}

/** The kind of a node. Throws GraphError that lists the kinds for another one. */
export function kindOf({ op, name }: NodeBase): NodeKind {
  const kind = kinds.get(op);
  if (!kind)
    throw new GraphError(
      `node ${name} is of the kind "${op}", which is none; there are ${[...kinds.keys()].join(', ')}`,
    );
  return kind;
}
