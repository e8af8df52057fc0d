// Converts a tensor's storage, four elements at a time; f16 lies packed, two to a word. Types: From and To, vec4f or vec4h.
// Grid: see tensor/chunk. Slices are padded to 16 bytes, so the two may end at different vec4s.
// variant: {"constants": {"GROUP": 8}, "types": {"From": "vec4f", "To": "vec4h"}}
// variant: {"constants": {"GROUP": 256}, "types": {"From": "vec4h", "To": "vec4f"}}
@group(0) @binding(0) var<storage, read> x: array<From>;
@group(0) @binding(1) var<storage, read_write> y: array<To>;

// include tensor/chunk

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(min(arrayLength(&x), arrayLength(&y)), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = To(x[i]); }
}
