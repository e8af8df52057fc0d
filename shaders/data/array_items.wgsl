// x[b] = item plan[b], for those items that this buffer holds (`first` and the `count` behind it). The call with `advance` moves the draw counter on.
// Types: S, how items are stored, and X, how the batch is: the same, where bits are copied, or f32 and f16. Grid: grid1d(elements of x / 64).
// variant: {"types": {"S": "u32", "X": "u32"}}
// variant: {"types": {"S": "f32", "X": "f16"}}
struct Params { width: u32, size: u32, first: u32, count: u32, advance: u32 }
@group(0) @binding(0) var<storage, read> stored: array<S>;
@group(0) @binding(1) var<storage, read> plan: array<u32>;
@group(0) @binding(2) var<storage, read_write> draws: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<X>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i == 0u) { draws[0] += params.advance; }
  if (i >= params.size) { return; }
  let b = i / params.width;
  let item = plan[b] - params.first;
  if (item < params.count) { x[i] = X(stored[item * params.width + i - b * params.width]); }
}
