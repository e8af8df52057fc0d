// Sets every word of the output to one bit pattern, four words at a time. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8}}
// variant: {"constants": {"GROUP": 256}}
@group(0) @binding(0) var<storage, read_write> output: array<vec4u>;
struct Params { bits: u32 }
@group(0) @binding(1) var<uniform> params: Params;

// include tensor/chunk

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&output), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { output[i] = vec4u(params.bits); }
}
