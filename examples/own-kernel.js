// An op of one's own in WGSL, with two kernels to choose from and a backward pass: compiled without a GPU, checked, and used like any other op.
import { backward, checkGradients, checkKernels, defineOp, Gpu, mean, normalArray, tensor, zeros } from 'astrogpu';

// Squared ReLU (So et al. 2021, arXiv:2109.08668): y = max(x, 0)², whose gradient is 2·max(x, 0)·g.
const bindings = (...names) =>
  names
    .map(
      (name, i) => `@group(0) @binding(${i}) var<storage, ${name === 'y' ? 'read_write' : 'read'}> ${name}: array<V>;`,
    )
    .join('\n');
const eachElement = (names, expression) => `${bindings(...names)}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i < arrayLength(&y)) { y[i] = ${expression}; }
}`;
const kernels = [
  { name: 'vectors', perThread: 4, types: { V: 'vec4f' } },
  { name: 'plain', types: { V: 'f32' } },
];

const reluSquaredGradient = defineOp({
  name: 'mine/relu-squared/backward',
  source: eachElement(['gradient', 'x', 'y'], '2 * max(x[i], V()) * gradient[i]'),
  kernels,
});
const reluSquared = defineOp({
  name: 'mine/relu-squared',
  source: eachElement(['x', 'y'], 'max(x[i], V()) * max(x[i], V())'),
  kernels,
  cost: ({ inputs: [x] }) => ({ flops: 3 * x.size, bytes: 2 * x.bytes }),
  backward: (gradient, { inputs: [x] }) => [reluSquaredGradient(gradient, x)],
});

console.log(`${(await checkKernels((gpu) => reluSquared(zeros(gpu, [3])))).length} kernels do not compile`);

const gpu = await Gpu.open();
const x = tensor(gpu, normalArray(1000, 1, 0), [10, 100]);
const { error } = await checkGradients(reluSquared, [x]);
console.log(`gradients are off by ${(100 * error).toFixed(1)} % at most`);

x.requiresGrad = true;
backward(mean(reluSquared(x)));
const [first] = await x.grad.floats();
console.log(`the first element's gradient is ${first.toFixed(4)}`);
await gpu.close();
