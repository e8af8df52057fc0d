// Lays one value per gate out as one per (input, output) pair of a weight: full[i, o] = gates[i·in_stride + o·out_stride]·scale. A thread
// stays in its column. Grid: x threads / 64, threads a multiple of `outputs`.
struct Params { inputs: u32, outputs: u32, threads: u32, in_stride: u32, out_stride: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> gates: array<f32>;
@group(0) @binding(1) var<storage, read_write> full: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads) { return; }
  let column = id.x % params.outputs * params.out_stride;
  let rows = params.threads / params.outputs;
  for (var i = id.x / params.outputs; i < params.inputs; i += rows) {
    full[i * params.outputs + id.x % params.outputs] = gates[i * params.in_stride + column] * params.scale;
  }
}
