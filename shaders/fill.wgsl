// Sets every word of the output to one bit pattern, four words at a time. Grid: any; see strided.
@group(0) @binding(0) var<storage, read_write> output: array<vec4u>;
struct Params { bits: u32 }
@group(0) @binding(1) var<uniform> params: Params;

// include strided

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var i = first_of(wid, groups, lane); i < arrayLength(&output); i += step_of(groups)) { output[i] = vec4u(params.bits); }
}
