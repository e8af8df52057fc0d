// The gradient of the mean loss by each logit [N, C]: (softmax − smoothed target) · gradient / N; NaN in rows whose label is no class.
// One element a thread. Grid: grid1d(N·C / 64).
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
struct Params { rows: u32, columns: u32, smoothing: f32, nan: u32 }
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.rows * params.columns) { return; }
  let row = i / params.columns;
  let label = labels[row];
  let mine = label == i - row * params.columns;
  let wanted = params.smoothing / f32(params.columns) + select(0.0, 1.0 - params.smoothing, mine);
  let dlogit = (exp(logits[i] - stats[row].x) / stats[row].y - wanted) * gradient[0] / f32(params.rows);
  dx[i] = select(dlogit, bitcast<f32>(params.nan), label >= params.columns);
}
