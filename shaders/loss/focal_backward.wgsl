// The gradient of the mean focal loss by each logit [N, C]: (q·p·f'(p) − p · Σ q·p·f'(p)) · gradient / N, q the smoothed target; NaN in rows whose label is no
// class. One element a thread. Grid: grid1d(N·C / 64).
// include loss/focal_term
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
struct Params { rows: u32, columns: u32, smoothing: f32, gamma: f32, nan: u32 }
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.rows * params.columns) { return; }
  let row = i / params.columns;
  let label = labels[row];
  let wanted = params.smoothing / f32(params.columns) + select(0.0, 1.0 - params.smoothing, label == i - row * params.columns);
  let log_p = logits[i] - stats[row].x;
  let dlogit = (wanted * focal_slope(log_p, params.gamma) - exp(log_p) * stats[row].y) * gradient[0] / f32(params.rows);
  dx[i] = select(dlogit, bitcast<f32>(params.nan), label >= params.columns);
}
