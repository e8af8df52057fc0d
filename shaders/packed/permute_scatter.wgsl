// y[i] = x[sources[i]]; 0 where that is beyond x. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8}}
// variant: {"constants": {"GROUP": 256}}
struct Params { count: u32, limit: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> sources: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// include tensor/chunk

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) {
    let there = sources[i];
    y[i] = select(0.0, x[min(there, params.limit - 1u)], there < params.limit);
  }
}
