// Lowers first[0] to the index of the first word of x that is an infinite or NaN f32. Bits are compared, since WGSL compilers may assume that
// such values do not occur; the integer atomic is exact in any order. Grid: see tensor/grid_stride.
// include tensor/grid_stride
@group(0) @binding(0) var<storage, read> x: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> first: array<atomic<u32>>;
struct Params { count: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  var found = 0xffffffffu;
  for (var i = first_of(wid, groups, lane); 4u * i < params.count; i += step_of(groups)) {
    let bad = (x[i] & vec4u(0x7f800000u)) == vec4u(0x7f800000u);
    let at = 4u * i + vec4u(0, 1, 2, 3);
    let indices = select(vec4u(0xffffffffu), at, bad & (at < vec4u(params.count)));
    found = min(found, min(min(indices.x, indices.y), min(indices.z, indices.w)));
  }
  if (found != 0xffffffffu) { atomicMin(&first[0], found); }
}
