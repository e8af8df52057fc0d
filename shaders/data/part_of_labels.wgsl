// The labels of one part of a batch. Grid: x size / 64.
struct Params { begin: u32, size: u32 }
@group(0) @binding(0) var<storage, read> labels: array<u32>;
@group(0) @binding(1) var<storage, read_write> part: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.size) { part[id.x] = labels[params.begin + id.x]; }
}
