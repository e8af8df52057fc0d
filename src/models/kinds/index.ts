// The kinds of nodes. A new one is one line here.
import { GraphError, type NodeBase, type NodeKind } from '../node/kind.ts';
import type { TracedOp } from '../node/traced.ts';
import { add } from './add.ts';
import { attention } from './attention.ts';
import { concat } from './concat.ts';
import { conv } from './conv.ts';
import { flatten } from './flatten.ts';
import { gelu } from './gelu.ts';
import { globalPool } from './global-pool.ts';
import { image } from './image.ts';
import { layerNorm } from './layer-norm.ts';
import { linear } from './linear.ts';
import { norm } from './norm.ts';
import { avgPool, maxPool } from './pool.ts';
import { relu } from './relu.ts';
import { shift } from './shift.ts';
import { token } from './token.ts';
import { tokens } from './tokens.ts';
import { vector } from './vector.ts';

const KINDS = [
  image,
  conv,
  norm,
  relu,
  add,
  shift,
  concat,
  maxPool,
  avgPool,
  globalPool,
  flatten,
  linear,
  vector,
  tokens,
  layerNorm,
  attention,
  gelu,
  token,
];

type NodeOf<Kind> = Kind extends NodeKind<infer Node> ? Node : never;

/** A node of any kind of this package. */
export type GraphNode = NodeOf<(typeof KINDS)[number]>;

const kinds = new Map<string, NodeKind>(KINDS.map((kind) => [kind.op, kind as NodeKind]));

/** Adds a kind of one's own to those of the package, for all graphs. Throws GraphError where there is one of that name. */
export function addNodeKind<N extends NodeBase>(kind: NodeKind<N>): void {
  if (kinds.has(kind.op)) throw new GraphError(`there is a kind of node "${kind.op}" already; give yours another name`);
  kinds.set(kind.op, kind as NodeKind);
}

/** What kinds make of an op of a module's run: the first answer, undefined where none has one. */
export function nodesOf(seen: TracedOp): NodeBase[] | undefined {
  for (const { traced } of kinds.values()) {
    const made = traced && Object.hasOwn(traced, seen.op) ? traced[seen.op](seen) : undefined;
    if (made) return Array.isArray(made) ? made : [made];
  }
  return undefined;
}

/** Ops that kinds are made of. */
export const tracedOps = (): string[] => [
  ...new Set([...kinds.values()].flatMap(({ traced = {} }) => Object.keys(traced))),
];

/** The kind of a node. Throws GraphError that lists the kinds for another one. */
export function kindOf({ op, name }: NodeBase): NodeKind {
  const kind = kinds.get(op);
  if (!kind)
    throw new GraphError(
      `node ${name} is of the kind "${op}", which is none; there are ${[...kinds.keys()].join(', ')}`,
    );
  return kind;
}
