// The focal loss of each row of logits [N, C] against its label, and what backward needs of the row: its log-sum-exp, and Σ q·p·f'(p) over the classes, q the
// smoothed target. A label that is no class makes its row's loss NaN. Constants: LANES (see rows). Grid: grid1d(N·LANES / 64).
// variant: {"constants": {"LANES": 1}}
// variant: {"constants": {"LANES": 8}}
// variant: {"constants": {"LANES": 64}}
// include reduce/row_lanes
// include loss/focal_term
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<vec2f>;
struct Params {
  rows: u32,
  columns: u32,
  smoothing: f32,
  gamma: f32,
  nan: u32, // bits, as WGSL has no NaN of its own
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = row_of(wid.y * groups.x + wid.x, local);
  let base = min(row, params.rows - 1u) * params.columns;
  let label = labels[min(row, params.rows - 1u)];
  var highest = LOWEST;
  for (var c = local % LANES; c < params.columns; c += LANES) { highest = max(highest, logits[base + c]); }
  highest = row_max(local, highest);
  var exponentials = 0.0;
  for (var c = local % LANES; c < params.columns;) {
    var run = 0.0;
    for (let stop = min(params.columns, c + RUN); c < stop; c += LANES) { run += exp(logits[base + c] - highest); }
    exponentials += run;
  }
  let log_total = log(row_sum(local, exponentials));
  var terms = 0.0;
  var slopes = 0.0;
  for (var c = local % LANES; c < params.columns;) {
    var run = vec2f(0);
    for (let stop = min(params.columns, c + RUN); c < stop; c += LANES) {
      let wanted = params.smoothing / f32(params.columns) + select(0.0, 1.0 - params.smoothing, c == label);
      let log_p = logits[base + c] - highest - log_total;
      if (wanted == 0.0) { continue; } // also of an infinite term, as a masked logit's is
      run += wanted * vec2f(focal(log_p, params.gamma), focal_slope(log_p, params.gamma));
    }
    terms += run.x;
    slopes += run.y;
  }
  let loss = row_sum(local, terms);
  let slope = row_sum(local, slopes);
  if (row >= params.rows || local % LANES != 0u) { return; }
  losses[row] = select(loss, bitcast<f32>(params.nan), label >= params.columns);
  stats[row] = vec2f(highest + log_total, slope);
}
