// What a kind of node is shown of a module's run, to say which of its ops it stands for.
import type { OpDetails, Shape } from '../../tensor/index.ts';

/** Something that an op read. */
export interface TracedInput {
  shape: Shape;
  /** The node whose value it is. */
  node?: string;
  /** The parameter of the module that it is. */
  parameter?: string;
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

/** The layer whose parameter of that name an input is: `block.conv` of `block.conv.weight`. */
export function layerOfPart(input: TracedInput | undefined, part: string): string | undefined {
  const name = input?.parameter;
  return name?.endsWith(`.${part}`) ? name.slice(0, -part.length - 1) : undefined;
}

/** A detail that is one number, or the same for both axes. */
export function oneNumber(detail: unknown, otherwise: number): number | undefined {
  const [first, second] = [detail ?? otherwise].flat();
  return typeof first === 'number' && (second === undefined || second === first) ? first : undefined;
}
