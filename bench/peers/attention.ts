// Attention, forward and with its gradients: ours is one kernel each way, the peers compose products and a softmax.
import type { Program } from 'astrogpu/gpu';
import { backward, normalArray, type Shape, scaledDotProductAttention, type Tensor, tensor } from 'astrogpu/tensor';
import { ATTENTION_RESULTS, type AttentionTask, type Comparison, type PreparedTask } from './comparison.ts';

/** Sums of up to 1,024 products in f32, in another order on each side. Found on a software adapter: 2e-6. */
const TOLERANCE = 1e-4;

export function attentionComparison(heads: number, tokens: number, depth: number, withGradients: boolean): Comparison {
  const drawn = (stream: number): Float32Array => normalArray(heads * tokens * depth, 4, stream);
  const task: AttentionTask = {
    ...{ heads, tokens, depth, q: drawn(1), k: drawn(2), v: drawn(3) },
    dy: withGradients ? drawn(4) : undefined,
  };
  return {
    name: `attention ${withGradients ? 'forward and backward' : 'forward'}, ${heads} heads, ${tokens} tokens, ${depth}`,
    tolerance: TOLERANCE,
    ours(gpu): PreparedTask {
      const shape: Shape = [heads, tokens, depth];
      const inputs = [task.q, task.k, task.v].map((values) => tensor(gpu, values, shape));
      const dy = task.dy && tensor(gpu, task.dy, shape);
      for (const input of inputs) input.requiresGrad = withGradients;
      const [q, k, v] = inputs;
      let program: Program | undefined;
      let y: Tensor;
      return {
        run: () => program!.replay(),
        idle: () => gpu.idle(),
        async results() {
          program = gpu.capture('attention', () => {
            y = scaledDotProductAttention(q, k, v);
            if (dy) backward(y, { gradient: dy });
          });
          const made = dy ? [y, ...inputs.map(({ grad }) => grad!)] : [y];
          const values = await Promise.all(made.map((one) => one.floats()));
          return new Map(values.map((one, i) => [ATTENTION_RESULTS[i], one]));
        },
        release() {
          y?.release();
          program?.dispose();
          for (const made of [...inputs, ...inputs.map(({ grad }) => grad), dy]) made?.release();
        },
      };
    },
    theirs: (peer) => peer.attention(task),
  };
}
