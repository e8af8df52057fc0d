// The gradient of a loss of rows by each logit: (w·q·p·f'(p) − p · Σ w·q·p·f'(p)) · gradient / divisor; NaN in rows whose label is no class, 0 in ignored ones. The gradient
// is one for all or, with PER_ROW, one a row; with NORMED the divisor is what all rows count together, in sums[0]. One element a thread. Grid: grid1d(rows·C / 64).
// variant: {"constants": {"SOFT": false, "WEIGHTED": false, "FOCAL": false, "PER_ROW": false, "NORMED": false}, "types": {"X": "f32", "T": "u32"}}
// variant: {"constants": {"SOFT": true, "WEIGHTED": true, "FOCAL": false, "PER_ROW": true, "NORMED": false}, "types": {"X": "f16", "T": "f16"}}
// variant: {"constants": {"SOFT": false, "WEIGHTED": true, "FOCAL": true, "PER_ROW": false, "NORMED": true}, "types": {"X": "f32", "T": "u32"}}
// include loss/row_target
@group(0) @binding(3) var<storage, read> stats: array<vec4f>;
@group(0) @binding(4) var<storage, read> sums: array<f32>;
@group(0) @binding(5) var<storage, read> gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<X>;
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.rows * params.columns) { return; }
  let row = i / params.columns;
  let stat = stats[row];
  let gap = f32(logits[i]) - stat.y;
  let p = exp(gap) / stat.z;
  let share = wanted(row, i - row * params.columns);
  // A share of nothing makes nothing also of an infinite slope.
  var slope = -share;
  if (FOCAL) { slope = select(0.0, share * term(gap - log(stat.z)).y, share != 0.0); }
  let divisor = select(params.divisor, sums[0], NORMED);
  let upstream = gradient[select(0u, row, PER_ROW)];
  var dlogit = (slope - p * stat.w) * upstream / divisor;
  if (is_wrong(row)) { dlogit = bitcast<f32>(params.nan); }
  if (is_ignored(row)) { dlogit = 0.0; }
  dx[i] = X(dlogit);
}
