// y[m] = x[index[m]], rows of 32-bit words copied as bits; a row that x lacks is filled with `missing`. Types: Elem, u32 or vec4u.
// Grid: grid1d(elements of y / 64).
// variant: {"types": {"Elem": "u32"}}
// variant: {"types": {"Elem": "vec4u"}}
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;
struct Params { rows: u32, width: u32, count: u32, missing: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let m = i / params.width;
  let row = index[m];
  let value = x[min(row, params.rows - 1u) * params.width + i - m * params.width];
  y[i] = select(Elem(params.missing), value, row < params.rows);
}
