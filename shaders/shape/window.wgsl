// Copies a box of x into y; what lies outside of x is 0.
// Types: Elem, what is moved at a time: one, two or four values (every number along the last side counts such), f16 as words. Grid: see tensor/grid_stride.
// variant: {"types": {"Elem": "f32"}}
// variant: {"types": {"Elem": "vec4f"}}
// variant: {"types": {"Elem": "vec2f"}}
// variant: {"types": {"Elem": "f16"}}
// variant: {"types": {"Elem": "u32"}}
// variant: {"types": {"Elem": "vec2u"}}
// include tensor/grid_stride
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params {
  // Sides of the box and of x, where the box begins in x, distances between neighbors in y; see tensor/grid_stride.
  box: vec4u,
  x_sides: vec4u,
  begin: vec4i,
  y_strides: vec4u,
  jump: vec4u,
  y_offset: u32, // of the box's first element
  count: u32, // elements of the box
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = first_of(wid, groups, lane);
  let step = step_of(groups);
  let sides = params.x_sides;
  var at = position_of(first, params.box);
  for (var i = first; i < params.count; i += step) {
    let there = vec4u(vec4i(at) + params.begin); // before the first is beyond the last
    let source = ((there.x * sides.y + there.y) * sides.z + there.z) * sides.w + there.w;
    y[params.y_offset + dot(at, params.y_strides)] = select(Elem(0), x[source], all(there < sides));
    at = position_after(at, params.jump, params.box);
  }
}
