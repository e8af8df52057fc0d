// One row of scores w, in binary logarithms, a thread. `weights`: w becomes the row's softmax, and `sums` its lse; a row whose scores are all LOWEST becomes zero.
// `slopes`: w becomes the gradient of the scores, P·(dP − Σ y·dy), where w had P and dp has dP. Grid: grid1d(rows / 64).
// variant: {}
// include attention/params
@group(0) @binding(0) var<storage, read> dp: array<f32>;
@group(0) @binding(1) var<storage, read_write> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
const LOWEST = -0x1.fffffep+127f;

@compute @workgroup_size(64)
fn weights(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let line = (wid.y * groups.x + wid.x) * 64u + local;
  if (line >= p.planes * p.rows) { return; }
  let start = line * p.keys;
  var high = LOWEST;
  for (var i = 0u; i < p.keys; i++) { high = max(high, w[start + i]); }
  var sum = 0.0;
  for (var i = 0u; i < p.keys; i++) {
    let power = select(exp2(w[start + i] - high), 0.0, w[start + i] <= LOWEST);
    w[start + i] = power;
    sum += power;
  }
  sums[line] = select(high + log2(sum), LOWEST, sum == 0.0);
  let share = select(1.0 / sum, 0.0, sum == 0.0);
  for (var i = 0u; i < p.keys; i++) { w[start + i] *= share; }
}

@compute @workgroup_size(64)
fn slopes(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = params;
  let line = (wid.y * groups.x + wid.x) * 64u + local;
  if (line >= p.planes * p.rows) { return; }
  let delta = sums[p.planes * p.rows + line];
  for (var i = line * p.keys; i < (line + 1u) * p.keys; i++) { w[i] *= dp[i] - delta; }
}
