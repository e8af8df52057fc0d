// Reverse-mode differentiation. Every op records how to pull a gradient back; backward() walks the records from the loss, latest first, and
// frees each activation once nothing later can need it.

import { addInPlace, copyInto, copyOf } from './accumulate.ts';
import { needTensors } from './checks.ts';
import { filledChannels, needWhole } from './partial.ts';
import { noGrad, type OpDetails, recording, showOp, withRecording } from './recording.ts';
import { keep, scope } from './scope.ts';
import { empty, full, type Shape, shapeText, type Tensor, TensorError, zeros } from './tensor.ts';

export { frozen, noGrad, type Observer, type OpDetails, recording, traceOps } from './recording.ts';

/** Where an op's backward puts the gradients of its inputs. */
export interface Sink {
  /** Does anyone need the gradient of input `i`? */
  wants(i: number): boolean;
  /** Calls `fill` with a tensor in the shape and dtype of input `i`, which it must overwrite completely. Skipped where nobody wants it. */
  write(i: number, fill: (out: Tensor) => void): void;
  /** As write; where a gradient of input `i` is there already, `fill` gets that, and with `adds` true must add to it instead. */
  add(i: number, fill: (out: Tensor, adds: boolean) => void): void;
  /** Hands over a tensor that is the gradient of input `i` already; the sink keeps its own reference. */
  forward(i: number, gradient: Tensor): void;
}

/** Pulls the gradient of an op's result back to its inputs, through the sink. */
export type Backward = (gradient: Tensor, sink: Sink) => void;

/** As Backward, of an op with several results: the gradient of each, zeros for one that nothing was made of. */
export type BackwardAll = (gradients: readonly Tensor[], sink: Sink) => void;

export interface Node {
  id: number;
  op: string;
  inputs: Tensor[];
  /** Which inputs needed a gradient when the op ran. */
  needs: boolean[];
  outputs: readonly Tensor[];
  backward: BackwardAll;
  /** Tensors kept for backward alone. */
  saved: Tensor[];
  /** Of a part: the byte of its only input at which it begins. */
  begin?: number;
  /** In place of a backward: makes the results anew, recorded this time. */
  again?: () => readonly Tensor[];
}

let nextId = 0;

/** Notes how `output` came from `inputs`. Every op ends with this; `details` are shown to observers. Throws TensorError for partial tensors, see writeChannels(), that the op cannot read. */
export function record(
  op: string,
  output: Tensor,
  inputs: Tensor[],
  backward: Backward,
  saved: Tensor[] = [],
  details: OpDetails = {},
): Tensor {
  recordAll(op, [output], inputs, ([gradient], sink) => backward(gradient, sink), saved, details);
  return output;
}

/** As record, for an op with several results: its backward runs once, when the gradients of all of them are known. */
export function recordAll(
  op: string,
  outputs: readonly Tensor[],
  inputs: Tensor[],
  backward: BackwardAll,
  saved: Tensor[] = [],
  details: OpDetails = {},
): void {
  needWhole(op, inputs);
  // What a partial tensor holds was shown when it was made, the rest is undefined.
  for (const output of outputs)
    if (filledChannels(output) === output.shape[output.shape.length - 1]) showOp(op, output, inputs, details);
  if (!recording(inputs)) {
    for (const tensor of saved) tensor.release();
    return;
  }
  enter({ op, inputs, outputs, backward, saved });
}

/** Notes results whose gradients come from making them once more: `again` gives them anew, recorded. */
export function recordAgain(
  outputs: readonly Tensor[],
  inputs: Tensor[],
  saved: Tensor[],
  again: () => readonly Tensor[],
): void {
  enter({ op: 'checkpoint', inputs, outputs, backward: () => {}, saved, again });
}

/** Puts a node on the tape. */
function enter(noted: Omit<Node, 'id' | 'needs'>): void {
  const node: Node = { ...noted, id: nextId++, needs: noted.inputs.map((input) => input.requiresGrad) };
  for (const output of node.outputs) {
    output.requiresGrad = true;
    output.node = node;
  }
}

/**
 * A piece of an op's f32 result as a tensor of its own, from element `begin` (a multiple of 64) on, without a copy. Its gradient is written straight into that
 * of the whole, so the pieces must not overlap, and the whole is to be used through pieces only; what the gradient holds between them is undefined.
 * Throws TensorError for a piece beyond its end, or of something else.
 */
export function view(whole: Tensor, shape: Shape, begin: number, label = whole.label): Tensor {
  if (whole.dtype !== 'f32' || begin % 64 !== 0 || (recording([whole]) && !whole.node))
    throw new TensorError(
      `part: takes an op's f32 result from a multiple of 64 on, not ${whole.label} ${shapeText(whole.shape)} ${whole.dtype} from ${begin}; see slice`,
    );
  const y = record('part', whole.alias(shape, begin * 4, label), [whole], () => {});
  if (y.node) y.node.begin = begin * 4;
  return y;
}

/**
 * Gradients of `loss` (one element, or any shape with `gradient` given, in its shape and dtype) for every parameter it depends on, into their `.grad`,
 * which is overwritten, or added to with `accumulate`. The graph and its activations are freed; the loss itself stays. Throws TensorError.
 *
 * @example
 * const loss = crossEntropy(network.forward(x, TRAIN), y);
 * backward(loss); // network.arena.gradients
 * optimizer.step();
 */
export function backward(
  loss: Tensor,
  { gradient, accumulate = false }: { gradient?: Tensor; accumulate?: boolean } = {},
): void {
  needTensors('backward()', loss);
  if (!loss.node) throw new TensorError(`backward(): ${loss.label} depends on no tensor that requires a gradient`);
  if (!gradient && loss.size !== 1)
    throw new TensorError(`backward(): ${loss.label} ${shapeText(loss.shape)} is not a scalar; give its gradient`);
  if (gradient && (gradient.dtype !== loss.dtype || shapeText(gradient.shape) !== shapeText(loss.shape)))
    throw new TensorError(
      `backward(): the gradient ${gradient.label} ${shapeText(gradient.shape)} ${gradient.dtype} must be as ${loss.label}, ` +
        `${shapeText(loss.shape)} ${loss.dtype}`,
    );
  const start =
    gradient?.detach() ?? full(loss.gpu, loss.shape, 1, 'gradient of the loss', loss.dtype as 'f32' | 'f16');
  const gradients = new Map<Tensor, Tensor>([[loss, start]]);
  const written = new Set<Tensor>();

  const own = ({ gpu, shape, label, dtype }: Tensor): Tensor => empty(gpu, shape, `gradient of ${label}`, dtype);
  // Where the gradient of a result is gathered: in memory of its own, or for a part within that of the whole.
  const home = (of: Tensor): Tensor => {
    const { gpu, shape, node } = of;
    if (node?.begin === undefined) return own(of);
    const [whole] = node.inputs;
    let all = gradients.get(whole);
    if (!all) {
      all = zeros(gpu, whole.shape, `gradient of ${whole.label}`);
      gradients.set(whole, all);
    }
    return all.alias(shape, node.begin);
  };
  const settlePart = (node: Node, given: Tensor): void => {
    const place = home(node.outputs[0]);
    if (place.slice.buffer !== given.slice.buffer || place.slice.offset !== given.slice.offset) copyInto(place, given);
    place.release();
  };

  const sinkOf = (node: Node): Sink => {
    const settle = (i: number, part: Tensor): void => {
      const input = node.inputs[i];
      const before = gradients.get(input);
      if (!before) {
        gradients.set(input, part);
        return;
      }
      // One of them may share its memory with another tensor's gradient (an add hands one tensor to both sides): only the other takes the sum.
      const [sum, rest] = before.shared ? (part.shared ? [copyOf(before), part] : [part, before]) : [before, part];
      addInPlace(sum, rest);
      if (sum !== before) before.release();
      if (sum !== part) part.release();
      gradients.set(input, sum);
    };
    const leaf = (i: number): Tensor => {
      const input = node.inputs[i];
      if (!input.grad) {
        input.grad = keep(empty(input.gpu, input.shape, `gradient of ${input.label}`, input.dtype));
        input.grad.requiresGrad = false;
      }
      return input.grad;
    };
    const wants = (i: number): boolean => node.needs[i];
    const write: Sink['write'] = (i, fill) => {
      if (!wants(i)) return;
      const input = node.inputs[i];
      if (!input.node && !written.has(input) && !(accumulate && input.grad)) {
        fill(leaf(i));
        written.add(input);
        return;
      }
      const part = gradients.has(input) ? own(input) : home(input);
      fill(part);
      if (input.node) return settle(i, part);
      addInPlace(leaf(i), part);
      written.add(input);
      part.release();
    };
    /** The gradient of input `i` as far as it is known, if it is, in memory that no other tensor sees. */
    const known = (i: number): Tensor | undefined => {
      const input = node.inputs[i];
      if (!input.node) return written.has(input) || accumulate ? input.grad : undefined;
      const before = gradients.get(input);
      if (!before?.shared) return before;
      const copy = copyOf(before);
      before.release();
      gradients.set(input, copy);
      return copy;
    };
    return {
      wants,
      write,
      add(i, fill) {
        const before = wants(i) ? known(i) : undefined;
        if (before) fill(before, true);
        else write(i, (out) => fill(out, false));
      },
      forward(i, given) {
        if (!wants(i)) return;
        const input = node.inputs[i];
        if (input.node) return settle(i, given.alias(input.shape));
        if (!written.has(input) && !(accumulate && input.grad)) copyInto(leaf(i), given);
        else addInPlace(leaf(i), given);
        written.add(input);
      },
    };
  };

  const pull = (node: Node): void => {
    const { outputs, begin, again } = node;
    if (outputs.some((output) => gradients.has(output))) {
      const given = outputs.map((output) => gradients.get(output) ?? zerosFor(output));
      for (const output of outputs) gradients.delete(output);
      if (again) pullAgain(again, given);
      else {
        if (begin !== undefined) settlePart(node, given[0]);
        else noGrad(() => node.backward(given, sinkOf(node)));
        for (const gradient of given) gradient.release();
      }
    }
    for (const tensor of node.saved) tensor.release();
    for (const output of outputs) {
      output.node = undefined;
      if (output !== loss) output.release();
    }
  };
  // What is made in between is released, and the gradients that go on are not.
  const pullAgain = (again: () => readonly Tensor[], given: readonly Tensor[]): void => {
    scope(() => {
      const first = nextId;
      const outputs = withRecording(true, again);
      for (const [i, output] of outputs.entries()) gradients.set(output, given[i]);
      for (const node of reachable(outputs, first)) pull(node);
      return [...gradients.values()];
    });
  };
  for (const node of reachable([loss])) pull(node);
}

/** The gradient of a result that nothing was made of. */
function zerosFor({ gpu, shape, label, dtype }: Tensor): Tensor {
  return full(gpu, shape, 0, `gradient of ${label}`, dtype);
}

/** Every recorded op behind tensors, latest first, back to the one with the number `first`. */
function reachable(tensors: readonly Tensor[], first = 0): Node[] {
  const seen = new Set<Node>();
  const stack = tensors.map(({ node }) => node!);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node) || node.id < first) continue;
    seen.add(node);
    for (const { node: earlier } of node.inputs) if (earlier && !seen.has(earlier)) stack.push(earlier);
  }
  return [...seen].sort((a, b) => b.id - a.id);
}
