// y[o, m] = x[o, index[m]] of x [outer, rows, width] and y [outer, picks, width], or, with EACH, index [outer, picks, width] for every element by itself. Words copied as
// bits; what x lacks is filled with `missing`. Types: Elem, words side by side (one, with EACH), or f16; width and counts are in Elems.
// Grid: grid1d(elements of y / 64).
// variant: {"constants": {"EACH": false}, "types": {"Elem": "u32"}}
// variant: {"constants": {"EACH": true}, "types": {"Elem": "u32"}}
// variant: {"constants": {"EACH": false}, "types": {"Elem": "vec4u"}}
// variant: {"constants": {"EACH": true}, "types": {"Elem": "f16"}, "includes": {"shape/fill": "shape/fill_f16"}}
// include shape/fill
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;
struct Params { rows: u32, picks: u32, width: u32, count: u32, missing: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let pick = i / params.width;
  let outer = pick / params.picks;
  let row = index[select(pick - outer * params.picks, i, EACH)];
  let value = x[(outer * params.rows + min(row, params.rows - 1u)) * params.width + i - pick * params.width];
  y[i] = select(fill_of(params.missing), value, row < params.rows);
}
