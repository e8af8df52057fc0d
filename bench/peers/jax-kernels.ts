// Single kernels of jax-js, jitted: a convolution and its two gradients (by vjp), a matrix product, and attention.
import type { Array as Values } from '@jax-js/jax';
import type { Shape } from 'astrogpu/tensor';
import {
  ATTENTION_RESULTS,
  type AttentionTask,
  type ConvTask,
  type MatmulTask,
  type PreparedTask,
} from './comparison.ts';
import { CHANNELS_FIRST, CHANNELS_LAST, OUTPUTS_FIRST, OUTPUTS_LAST, permuted, permutedShape } from './layout.ts';

export type JaxLibrary = typeof import('@jax-js/jax');

/** A jitted function of arrays; `read` puts its result into astrogpu's layout. */
export function preparedKernel(
  { jit, blockUntilReady }: JaxLibrary,
  inputs: readonly Values[],
  op: (...inputs: Values[]) => Values,
  read: (values: Float32Array) => Float32Array,
): PreparedTask {
  const jitted = jit(op);
  let out: Values | undefined;
  const run = (): void => {
    out?.dispose();
    out = jitted(...inputs.map(({ ref }) => ref));
  };
  return {
    run,
    idle: async () => {
      await blockUntilReady(out!);
    },
    async results() {
      run();
      return new Map([['result', read((await out!.ref.data()) as Float32Array)]]);
    },
    release() {
      out?.dispose();
      for (const input of inputs) input.dispose();
      jitted.dispose();
    },
  };
}

/** A gradient runs no forward convolution: it does not need its values, and jit leaves out what nothing needs. */
export function jaxConv(jax: JaxLibrary, { direction, images, filter, a, b }: ConvTask): PreparedTask {
  const { lax, numpy: np, vjp } = jax;
  const side = [1, 1] as [number, number];
  const conv = (x: Values, w: Values): Values => lax.conv(x, w, side, [side, side]);
  const image = (values: Float32Array): Values =>
    np.array(permuted(values, images, CHANNELS_FIRST), { shape: permutedShape(images, CHANNELS_FIRST) });
  const weights = (values: Float32Array): Values =>
    np.array(permuted(values, filter, OUTPUTS_FIRST), { shape: permutedShape(filter, OUTPUTS_FIRST) });
  const readImage = (values: Float32Array): Float32Array =>
    permuted(values, permutedShape(images, CHANNELS_FIRST), CHANNELS_LAST);
  const readFilter = (values: Float32Array): Float32Array =>
    permuted(values, permutedShape(filter, OUTPUTS_FIRST), OUTPUTS_LAST);
  /** Of a linear function, so any point will do: zeros. */
  const pullBack = (linear: (at: Values) => Values, shape: Shape, axes: readonly number[], dy: Values): Values => {
    const [y, back] = vjp(linear, [np.zeros(permutedShape(shape, axes))]);
    const [gradient] = back(dy) as [Values];
    y.dispose();
    back.dispose();
    return gradient;
  };
  if (direction === 'forward') return preparedKernel(jax, [image(a), weights(b)], conv, readImage);
  if (direction === 'data gradient') {
    const op = (dy: Values, w: Values): Values => {
      const gradient = pullBack((x) => conv(x, w.ref), images, CHANNELS_FIRST, dy);
      w.dispose();
      return gradient;
    };
    return preparedKernel(jax, [image(a), weights(b)], op, readImage);
  }
  const op = (x: Values, dy: Values): Values => {
    const gradient = pullBack((w) => conv(x.ref, w), filter, OUTPUTS_FIRST, dy);
    x.dispose();
    return gradient;
  };
  return preparedKernel(jax, [image(a), image(b)], op, readFilter);
}

export function jaxMatmul(jax: JaxLibrary, { m, n, k, a, b }: MatmulTask): PreparedTask {
  const { numpy: np } = jax;
  const inputs = [np.array(a, { shape: [m, k] }), np.array(b, { shape: [k, n] })] as const;
  return preparedKernel(
    jax,
    inputs,
    (left, right) => np.matmul(left, right),
    (values) => values,
  );
}

export function jaxAttention(
  { jit, blockUntilReady, nn, numpy: np, vjp }: JaxLibrary,
  task: AttentionTask,
): PreparedTask {
  const shape = [task.heads, task.tokens, task.depth];
  const inputs = [task.q, task.k, task.v].map((values) => np.array(values, { shape }));
  const dy = task.dy && np.array(task.dy, { shape });
  const attention = (q: Values, k: Values, v: Values): Values =>
    np.matmul(nn.softmax(np.matmul(q, np.swapaxes(k, -1, -2)).mul(1 / Math.sqrt(task.depth))), v);
  const jitted = jit((q: Values, k: Values, v: Values, ...upstream: Values[]): Values[] => {
    if (upstream.length === 0) return [attention(q, k, v)];
    const [y, back] = vjp(attention, [q, k, v]);
    const gradients = back(upstream[0]) as Values[];
    back.dispose();
    return [y as Values, ...gradients];
  });
  let out: Values[] = [];
  const free = (): void => {
    for (const one of out) one.dispose();
  };
  const run = (): void => {
    free();
    out = jitted(...([...inputs, ...(dy ? [dy] : [])].map((one) => one.ref) as [Values, Values, Values]));
  };
  return {
    run,
    idle: async () => {
      await blockUntilReady(out);
    },
    async results() {
      run();
      const values = await Promise.all(out.map((one) => one.ref.data() as Promise<Float32Array>));
      return new Map(values.map((one, i) => [ATTENTION_RESULTS[i], one]));
    },
    release() {
      free();
      for (const one of inputs) one.dispose();
      dy?.dispose();
      jitted.dispose();
    },
  };
}
