// Converts a tensor's storage, four elements at a time; f16 lies packed, two to a word. Types: From and To, vec4f or vec4h.
// Grid: see strided. Slices are padded to 16 bytes, so the two may end at different vec4s.
// variant: {"types": {"From": "vec4f", "To": "vec4h"}}
// variant: {"types": {"From": "vec4h", "To": "vec4f"}}
// include strided
@group(0) @binding(0) var<storage, read> x: array<From>;
@group(0) @binding(1) var<storage, read_write> y: array<To>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min(arrayLength(&x), arrayLength(&y));
  for (var i = first_of(wid, groups, lane); i < end; i += step_of(groups)) { y[i] = To(x[i]); }
}
