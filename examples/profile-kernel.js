// Two kernels of one's own for sums of rows, each timed against what this adapter can do at all; then the tuner takes the faster one that is right.
import { tmpdir } from 'node:os';
import { defineOp, Gpu, randomUniform } from 'astrogpu';
import { measureCeilings, writeTrace } from 'astrogpu/gpu';
import { renderProfile } from 'astrogpu/report';

const bindings = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;`;
/** A workgroup a row: its threads read side by side, and add up what they have as a tree. */
const tree = `${bindings}
var<workgroup> part: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  var sum = 0.0;
  for (var i = t; i < COLUMNS; i += 64) { sum += x[group.x * COLUMNS + i]; }
  part[t] = sum;
  for (var half = 32u; half > 0; half /= 2) {
    workgroupBarrier();
    if (t < half) { part[t] += part[t + half]; }
  }
  if (t == 0) { y[group.x] = part[0]; }
}`;
/** A thread a row: simple, and slow where neighbors should read side by side. */
const plain = `${bindings}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var i = 0u; i < COLUMNS; i++) { sum += x[id.x * COLUMNS + i]; }
  if (id.x < arrayLength(&y)) { y[id.x] = sum; }
}`;
const rowSums = defineOp({
  name: 'mine/row-sums',
  shape: ([x]) => [x.shape[0]],
  constants: ({ inputs: [x] }) => ({ COLUMNS: x.shape[1] }),
  cost: ({ inputs: [x], outputs: [y] }) => ({ flops: x.size, bytes: x.bytes + y.bytes }),
  kernels: [
    { name: 'tree', source: tree, grid: ({ inputs: [x] }) => [x.shape[0]] },
    { name: 'plain', source: plain },
  ],
});

const gpu = await Gpu.open();
const x = randomUniform(gpu, [1024, 2048], { seed: 1, stream: 0 });
const both = () => {
  for (gpu.tuner.force of ['tree', 'plain']) rowSums(x).release();
};
both(); // compiled before anything is timed
const ceilings = await measureCeilings(gpu, { ms: 20, only: ['f32', 'read', 'copy', 'dispatch'] });
const profile = await gpu.profile(both, { ceilings, trace: true });
console.log(renderProfile(profile));
await writeTrace(`${tmpdir()}/row-sums.json`, profile.timeline, gpu.adapter.key);
console.log(`${tmpdir()}/row-sums.json opens in ui.perfetto.dev`);
gpu.tuner.force = undefined;
rowSums(x).release(); // a job without a choice, which tune() measures
await gpu.tuner.tune(console.log);
await gpu.close();
