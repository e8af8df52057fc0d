// As data/array_items for bytes, four to a word: x[b] = table[channel][byte] of item plan[b], the channel being the last axis. Types: X, how the batch is stored, f32
// or f16. Grid: grid1d(elements of x / 64).
// variant: {"types": {"X": "f32"}}
// variant: {"types": {"X": "f16"}}
struct Params { width: u32, size: u32, first: u32, count: u32, advance: u32, channels: u32 }
@group(0) @binding(0) var<storage, read> stored: array<u32>;
@group(0) @binding(1) var<storage, read> plan: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> draws: array<u32>;
@group(0) @binding(4) var<storage, read_write> x: array<X>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i == 0u) { draws[0] += params.advance; }
  if (i >= params.size) { return; }
  let b = i / params.width;
  let item = plan[b] - params.first;
  if (item >= params.count) { return; }
  let at = item * params.width + i - b * params.width;
  let byte = (stored[at >> 2u] >> ((at & 3u) * 8u)) & 0xffu;
  x[i] = X(table[(i % params.channels) * 256u + byte]);
}
