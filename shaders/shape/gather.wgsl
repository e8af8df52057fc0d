// y[o, m] = x[o, index[m]] of x [outer, rows, width] and y [outer, picks, width], or, with EACH, index [outer, picks, width] for every element by itself. Words copied as
// bits; what x lacks is filled with `missing`. Types: Elem, words side by side (one, with EACH), or f16; width and counts are in Elems.
// Grid: chunkLaunch(gpu, elements of y), see tensor/chunk.
// variant: {"constants": {"GROUP": 8, "EACH": false}, "types": {"Elem": "u32"}}
// variant: {"constants": {"GROUP": 8, "EACH": true}, "types": {"Elem": "u32"}}
// variant: {"constants": {"GROUP": 256, "EACH": false}, "types": {"Elem": "vec4u"}}
// variant: {"constants": {"GROUP": 8, "EACH": true}, "types": {"Elem": "f16"}, "includes": {"shape/fill": "shape/fill_f16"}}
// include tensor/chunk
// include tensor/grid_stride
// include shape/fill
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;
struct Params {
  sides: vec4u, // 1 and those of y
  jump: vec4u, // the position of element GROUP
  rows: u32,
  count: u32,
  missing: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  var at = position_of(s.first, params.sides);
  for (var i = s.first; i < s.end; i += GROUP) {
    let row = index[select(at.z, i, EACH)];
    let value = x[(at.y * params.rows + min(row, params.rows - 1u)) * params.sides.w + at.w];
    y[i] = select(fill_of(params.missing), value, row < params.rows);
    at = position_after(at, params.jump, params.sides);
  }
}
