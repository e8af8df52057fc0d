// The loss of each row of logits against its target, and what backward needs of the row: how much it counts in a mean, its maximum m, Σ exp(x − m), and
// Σ w·q·p·f'(p). A label that is no class makes its row's loss NaN; an ignored one makes it 0. Constants: LANES (see reduce/row_lanes). Grid: grid1d(rows·LANES / 64).
// variant: {"constants": {"LANES": 1, "SOFT": false, "WEIGHTED": false, "FOCAL": false}, "types": {"X": "f32", "T": "u32"}}
// variant: {"constants": {"LANES": 8, "SOFT": true, "WEIGHTED": true, "FOCAL": false}, "types": {"X": "f16", "T": "f16"}}
// variant: {"constants": {"LANES": 64, "SOFT": false, "WEIGHTED": true, "FOCAL": true}, "types": {"X": "f32", "T": "u32"}}
// include reduce/row_lanes
// include loss/row_target
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;
@group(0) @binding(4) var<storage, read_write> stats: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let place = row_of(wid.y * groups.x + wid.x, local);
  let row = min(place, params.rows - 1u);
  let base = row * params.columns;
  var highest = LOWEST;
  for (var c = local % LANES; c < params.columns; c += LANES) { highest = max(highest, f32(logits[base + c])); }
  highest = row_max(local, highest);
  var exponentials = 0.0;
  var gaps = 0.0;
  for (var c = local % LANES; c < params.columns;) {
    var run = vec2f(0);
    for (let stop = min(params.columns, c + RUN); c < stop; c += LANES) {
      let gap = f32(logits[base + c]) - highest;
      run += vec2f(exp(gap), gap);
    }
    exponentials += run.x;
    gaps += run.y;
  }
  let total = row_sum(local, exponentials);
  let log_total = log(total);
  var sums = vec2f(0);
  if (SOFT || WEIGHTED || FOCAL) {
    for (var c = local % LANES; c < params.columns;) {
      var run = vec2f(0);
      for (let stop = min(params.columns, c + RUN); c < stop; c += LANES) {
        let share = wanted(row, c);
        if (share == 0.0) { continue; } // also of an infinite term, as a masked logit's is
        run += share * term(f32(logits[base + c]) - highest - log_total);
      }
      sums += run;
    }
    sums = vec2f(row_sum(local, sums.x), row_sum(local, sums.y));
  } else {
    let mean_gap = row_sum(local, gaps) / f32(params.columns);
    let gap = f32(logits[base + min(u32(targets[row]), params.columns - 1u)]) - highest;
    // A weight of nothing makes nothing also of an infinite gap.
    var loss = log_total;
    if (params.smoothing < 1.0) { loss -= (1.0 - params.smoothing) * gap; }
    if (params.smoothing > 0.0) { loss -= params.smoothing * mean_gap; }
    sums = vec2f(loss, -1.0);
  }
  if (place >= params.rows || local % LANES != 0u) { return; }
  var counts = 1.0;
  if (!SOFT) { counts = weight_of(min(u32(targets[row]), params.columns - 1u)); }
  if (is_wrong(row)) { sums.x = bitcast<f32>(params.nan); }
  if (is_ignored(row)) {
    sums.x = 0.0;
    counts = 0.0;
  }
  losses[row] = sums.x;
  stats[row] = vec4f(counts, highest, total, sums.y);
}
