// Sets every word of the output to one bit pattern. Grid: grid1d(words / 64).
@group(0) @binding(0) var<storage, read_write> output: array<u32>;
struct Params { bits: u32 }
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i < arrayLength(&output)) { output[i] = params.bits; }
}
