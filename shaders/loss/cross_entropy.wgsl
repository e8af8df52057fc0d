// The loss of each row of logits [N, C] against its label, and the row's maximum m and Σ exp(x − m), which backward needs. A label that is
// no class makes its row's loss NaN. Constants: LANES (see reduce/row_lanes). Grid: grid1d(N·LANES / 64).
// variant: {"constants": {"LANES": 1}}
// variant: {"constants": {"LANES": 8}}
// variant: {"constants": {"LANES": 64}}
// include reduce/row_lanes
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<vec2f>;
struct Params {
  rows: u32,
  columns: u32,
  smoothing: f32,
  nan: u32, // bits, as WGSL has no NaN of its own
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = row_of(wid.y * groups.x + wid.x, local);
  let base = min(row, params.rows - 1u) * params.columns;
  var highest = LOWEST;
  for (var c = local % LANES; c < params.columns; c += LANES) { highest = max(highest, logits[base + c]); }
  highest = row_max(local, highest);
  var exponentials = 0.0;
  var gaps = 0.0;
  for (var c = local % LANES; c < params.columns;) {
    var run = vec2f(0);
    for (let stop = min(params.columns, c + RUN); c < stop; c += LANES) {
      let gap = logits[base + c] - highest;
      run += vec2f(exp(gap), gap);
    }
    exponentials += run.x;
    gaps += run.y;
  }
  let total = row_sum(local, exponentials);
  let mean_gap = row_sum(local, gaps) / f32(params.columns);
  if (row >= params.rows || local % LANES != 0u) { return; }
  let label = labels[row];
  let gap = logits[base + min(label, params.columns - 1u)] - highest;
  // A weight of nothing makes nothing also of an infinite gap, as a masked logit's is.
  var loss = log(total);
  if (params.smoothing < 1.0) { loss -= (1.0 - params.smoothing) * gap; }
  if (params.smoothing > 0.0) { loss -= params.smoothing * mean_gap; }
  losses[row] = select(loss, bitcast<f32>(params.nan), label >= params.columns);
  stats[row] = vec2f(highest, total);
}
