// Of matrices [..., rows, columns], what lies on and below a diagonal, or on and above it, words as they are; 0 elsewhere. Types: Elem, u32 or f16.
// Grid: grid1d(elements / 64).
// variant: {"types": {"Elem": "u32"}}
// variant: {"types": {"Elem": "f16"}}
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params { rows: u32, columns: u32, count: u32, diagonal: i32, upper: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = i / params.columns;
  let column = i32(i - row * params.columns);
  let right = column - i32(row % params.rows) - params.diagonal; // how far beyond the diagonal
  y[i] = select(Elem(0), x[i], select(right <= 0, right >= 0, params.upper == 1u));
}
