// y[to(at)] = x[from(at)] for every place `at` of a box of up to four sides; `fill` where a side that is checked lies outside of x. The moves of words behind slices,
// pads, joins, permutations, flips and repetitions; by the bits, so that every value stays what it is. With ADD, y gets the sum with what it holds.
// Types: Elem, what is moved at a time, one to eight values side by side: words of u32, whatever is stored, but for single f16 and for sums; every number along sides
// that lie so counts Elems.
// Grid: chunkLaunch(gpu, count), see tensor/chunk.
// variant: {"constants": {"GROUP": 8, "OUTER": false, "ADD": false}, "types": {"Elem": "u32"}}
// variant: {"constants": {"GROUP": 8, "OUTER": true, "ADD": false}, "types": {"Elem": "vec2u"}}
// variant: {"constants": {"GROUP": 256, "OUTER": false, "ADD": false}, "types": {"Elem": "vec4u"}}
// variant: {"constants": {"GROUP": 256, "OUTER": false, "ADD": false}, "types": {"Elem": "f16"}, "includes": {"shape/fill": "shape/fill_f16"}}
// variant: {"constants": {"GROUP": 8, "OUTER": false, "ADD": true}, "types": {"Elem": "vec4f"}, "includes": {"shape/fill": "shape/fill_zero"}}
// variant: {"constants": {"GROUP": 8, "OUTER": false, "ADD": true}, "types": {"Elem": "vec4h"}, "includes": {"shape/fill": "shape/fill_zero"}}
// variant: {"constants": {"GROUP": 8, "OUTER": false, "ADD": true}, "types": {"Elem": "f16"}, "includes": {"shape/fill": "shape/fill_zero"}}
// include tensor/chunk
// include tensor/grid_stride
// include shape/fill
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params {
  // Of each side: its length, the way to the neighbor in x and in y, where it begins in x and where it ends there, for sides that are checked.
  sides: vec4u,
  x_steps: vec4i,
  y_steps: vec4i,
  begin: vec4i,
  end: vec4u,
  jump: vec4u, // the position of element GROUP
  x_offset: i32,
  y_offset: i32,
  count: u32,
  fill: u32,
  // Four sides more, outside of these, with OUTER.
  inner: u32,
  outer_sides: vec4u,
  outer_x: vec4i,
  outer_y: vec4i,
  outer_begin: vec4i,
  outer_end: vec4u,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  var at = position_of(select(s.first, s.first % params.inner, OUTER), params.sides);
  for (var i = s.first; i < s.end; i += GROUP) {
    let there = vec4i(at) + params.begin;
    var inside = all(vec4u(there) < params.end); // what is before the first is beyond the last
    var source = params.x_offset + dot(there, params.x_steps);
    var target_ = params.y_offset + dot(vec4i(at), params.y_steps);
    if (OUTER) {
      let outer = vec4i(position_of(i / params.inner, params.outer_sides));
      let out_there = outer + params.outer_begin;
      inside = inside && all(vec4u(out_there) < params.outer_end);
      source += dot(out_there, params.outer_x);
      target_ += dot(outer, params.outer_y);
    }
    let value = select(fill_of(params.fill), x[select(0u, u32(source), inside)], inside);
    if (ADD) { y[u32(target_)] += value; } else { y[u32(target_)] = value; }
    at = position_after(at, params.jump, params.sides);
    if (OUTER && at.x >= params.sides.x) { at = position_of((i + GROUP) % params.inner, params.sides); }
  }
}
