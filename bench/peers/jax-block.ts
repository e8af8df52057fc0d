// The block of a vision transformer in jax-js: one jitted function of input, parameters and the result's gradient, by vjp. What is used again goes in as `.ref`.
import type { Array as Values } from '@jax-js/jax';
import type { BlockTask, PreparedTask } from './comparison.ts';
import type { JaxLibrary } from './jax-kernels.ts';

type Named = Record<string, Values>;

export function jaxBlock(jax: JaxLibrary, task: BlockTask): PreparedTask {
  const { jit, blockUntilReady, nn, numpy: np, tree, vjp } = jax;
  const { shape, heads, eps } = task;
  const [images, tokens, width] = shape;
  const depth = width / heads;
  const x = np.array(task.x, { shape: [...shape] });
  const dy = np.array(task.dy, { shape: [...shape] });
  const weights: Named = {};
  for (const [name, { shape, values }] of task.weights) weights[name] = np.array(values, { shape: [...shape] });

  const block = (x: Values, weights: Named): Values => {
    const norm = (x: Values, name: string): Values => {
      const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }));
      const variance = np.mean(np.square(centered.ref), -1, { keepdims: true });
      const scale = np.reciprocal(np.sqrt(variance.add(eps)));
      return centered.mul(scale).mul(weights[`${name}.weight`]).add(weights[`${name}.bias`]);
    };
    const linear = (x: Values, name: string): Values =>
      np.matmul(x.reshape([images * tokens, -1]), weights[`${name}.weight`]).add(weights[`${name}.bias`]);
    const attention = (x: Values): Values => {
      const parts = np.transpose(linear(x, 'attn.qkv').reshape([images, tokens, 3, heads, depth]), [2, 0, 3, 1, 4]);
      const [q, k, v] = [0, 1, 2].map((i) => (i < 2 ? parts.ref : parts).slice(i));
      const scores = nn.softmax(np.matmul(q, np.swapaxes(k, -1, -2)).mul(1 / Math.sqrt(depth)), -1);
      const seen = np.transpose(np.matmul(scores, v), [0, 2, 1, 3]).reshape([images, tokens, width]);
      return linear(seen, 'attn.proj').reshape([images, tokens, width]);
    };
    const middle = x.ref.add(attention(norm(x, 'norm1')));
    const hidden = nn.gelu(linear(norm(middle.ref, 'norm2'), 'mlp.fc1'), { approximate: false });
    return middle.add(linear(hidden, 'mlp.fc2').reshape([images, tokens, width]));
  };

  const jitted = jit((x: Values, weights: Named, dy: Values) => {
    const [y, back] = vjp(block, [x, weights]);
    const gradients = back(dy) as [Values, Named];
    back.dispose();
    return { y: y as Values, gradients };
  });
  let out: ReturnType<typeof jitted> | undefined;
  const run = (): void => {
    if (out) tree.dispose(out);
    out = jitted(x.ref, tree.ref(weights), dy.ref);
  };
  return {
    run,
    // Every output of a jitted function waits for all of it.
    idle: async () => {
      await blockUntilReady(out!.y);
    },
    async results() {
      run();
      const values = async (one: Values): Promise<Float32Array> => (await one.ref.data()) as Float32Array;
      const { y, gradients } = out!;
      const results = new Map([
        ['the result', await values(y)],
        ['the gradient of x', await values(gradients[0])],
      ]);
      for (const name of task.weights.keys()) results.set(`the gradient of ${name}`, await values(gradients[1][name]));
      return results;
    },
    release() {
      if (out) tree.dispose(out);
      tree.dispose([x, dy, weights]);
      jitted.dispose();
    },
  };
}
