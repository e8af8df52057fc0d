// A kernel of one's own beside those of the package: WGSL as text, run on a tensor's memory, and timed where the adapter has timestamps.
import { addShader, empty, Gpu, grid1d, params, tensor } from 'astrogpu';

addShader(
  'mine/squares',
  `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
struct Params { count: u32 }
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * 64u;
  if (i < p.count) { y[i] = x[i] * x[i]; }
}
`,
);

const gpu = await Gpu.open();
const count = 1000;
const x = tensor(
  gpu,
  Float32Array.from({ length: count }, (_, i) => i),
  [count],
);
const y = empty(gpu, [count], 'squares');
const run = () =>
  gpu.run({
    shader: 'mine/squares',
    bindings: [x.slice, y.slice],
    params: params(count),
    grid: grid1d(Math.ceil(count / 64)),
    cost: { flops: count, bytes: x.bytes + y.bytes },
  });
run();
console.log(`999² = ${(await y.floats())[999]}`);

if (gpu.capabilities.timestamps) {
  const [row] = await gpu.profile(run);
  console.log(`${row.label}: ${row.ms.toFixed(4)} ms`);
}
await gpu.close();
