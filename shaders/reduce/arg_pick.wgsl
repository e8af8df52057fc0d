// The extreme of each column of x [A, R, B] among those that were found in pieces of it: of [A, S, B] rows the best one, [A, B]. Type: X, how x is stored.
// Constant: SMALLEST. Grid: grid1d(A·B / 64).
// variant: {"constants": {"SMALLEST": false}, "types": {"X": "f32"}}
// variant: {"constants": {"SMALLEST": true}, "types": {"X": "f16"}}
// include reduce/arg
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read> candidates: array<u32>;
@group(0) @binding(2) var<storage, read_write> found: array<u32>;
struct Params { rows: u32, columns: u32, pieces: u32, count: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let outer = i / params.columns;
  let column = i - outer * params.columns;
  var best = found_nothing();
  for (var s = 0u; s < params.pieces; s++) {
    let row = candidates[(outer * params.pieces + s) * params.columns + column];
    best = found_later(best, worth(vec4f(f32(x[(outer * params.rows + row) * params.columns + column]))), vec4u(row));
  }
  found[i] = best.row.x;
}
