// What a kind of node is shown of a module's run, to say which of its ops it stands for.
import type { OpDetails, Shape } from '../../tensor/index.ts';

/** Something that an op read. */
export interface TracedInput {
  shape: Shape;
  /** The node whose value it is. */
  node?: string;
  /** The parameter of the module that it is. */
  parameter?: string;
  /** The op that made it, where that is neither a node nor the end of one: a reshape, a part, tensors joined. */
  made?: TracedOp;
}

/** An op of the run. */
export interface TracedOp {
  op: string;
  inputs: readonly TracedInput[];
  /** What the op told of itself: strides, axes. */
  details: OpDetails;
  output: Shape;
  /** A name that no other node has, beginning so. */
  fresh(name: string): string;
}

/** The layer whose parameter of that name an input is: `block.conv` of `block.conv.weight`, `block.in_proj` of `block.in_proj_weight`. */
export function layerOfPart(input: TracedInput | undefined, part: string): string | undefined {
  const name = input?.parameter;
  return name?.endsWith(`.${part}`) || name?.endsWith(`_${part}`) ? name.slice(0, -part.length - 1) : undefined;
}

/** A detail that is one number, or the same for both axes. */
export function oneNumber(detail: unknown, otherwise: number): number | undefined {
  const [first, second] = [detail ?? otherwise].flat();
  return typeof first === 'number' && (second === undefined || second === first) ? first : undefined;
}

/** The node behind a reshape, where that only shares its last side out among heads: tokens [..., C] as [..., heads, depth]. */
export function sharedOut({ node, shape, made }: TracedInput): { of: TracedInput; heads: number } | undefined {
  if (node !== undefined || !made || !RESHAPES.has(made.op)) return undefined;
  const [of] = made.inputs;
  const fits = of.shape.length === shape.length - 1 && of.shape.slice(0, -1).every((n, i) => n === shape[i]);
  return fits ? { of, heads: shape.at(-2)! } : undefined;
}

/** Ops that give the values of their one input in another shape. */
export const RESHAPES: ReadonlySet<string> = new Set(['reshape', 'flatten', 'squeeze', 'unsqueeze']);

/** Of a box cut out of a node's value: that node, the shape of its value, and where the box begins. */
export function partOf({ made }: TracedInput): { node: string; shape: Shape; begin: readonly number[] } | undefined {
  const [whole] = made?.inputs ?? [];
  if (!made || !CUTS.has(made.op) || whole.node === undefined || made.details.steps !== undefined) return undefined;
  return { node: whole.node, shape: whole.shape, begin: made.details.begin as readonly number[] };
}

const CUTS: ReadonlySet<string> = new Set(['slice', 'split', 'chunk']);
