// The gradient of a result with respect to one value inside the recorded graph. backward() is for parameters and goes all the way down; here only what
// lies between the two is walked, nothing else gets a gradient, and tensors that the caller made outside (gated weights, say) keep their memory.
import { backward, type Tensor } from '../../tensor/index.ts';

type Recorded = NonNullable<Tensor['node']>;

/**
 * `gradient` pulled back from `output`, of the same shape, to `inner`, which lies behind it in the recorded graph: in the shape and dtype of `inner`, for the
 * caller to release. undefined where `output` does not depend on it. The graph between them is freed; `inner` and `output` stay.
 */
export function innerGradient(output: Tensor, inner: Tensor, gradient: Tensor): Tensor | undefined {
  const known = new Map<Recorded, boolean>();
  /** Does `inner` lie behind a tensor? On the way, records forget the inputs behind which it does not. */
  const leads = (tensor: Tensor): boolean => {
    if (tensor === inner) return true;
    const { node } = tensor;
    if (!node) return false;
    const before = known.get(node);
    if (before !== undefined) return before;
    node.needs = node.inputs.map(leads);
    node.inputs = node.inputs.map((input, i) => (node.needs[i] || !input.node ? input : input.detach()));
    const found = node.needs.includes(true);
    known.set(node, found);
    return found;
  };
  inner.node = undefined;
  if (!leads(output)) return undefined;
  backward(output, { gradient });
  const { grad } = inner;
  inner.grad = undefined;
  return grad;
}
