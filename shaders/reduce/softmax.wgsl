// y = softmax of each row of x [N, C]. Constants: LANES (see reduce/row_lanes). Grid: grid1d(N·LANES / 64).
// variant: {"constants": {"LANES": 1}}
// variant: {"constants": {"LANES": 8}}
// variant: {"constants": {"LANES": 64}}
// include reduce/row_lanes
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
struct Params { rows: u32, columns: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = row_of(wid.y * groups.x + wid.x, local);
  let base = min(row, params.rows - 1u) * params.columns;
  var highest = LOWEST;
  for (var c = local % LANES; c < params.columns; c += LANES) { highest = max(highest, x[base + c]); }
  highest = row_max(local, highest);
  var total = 0.0;
  for (var c = local % LANES; c < params.columns;) {
    var run = 0.0;
    for (let stop = min(params.columns, c + RUN); c < stop; c += LANES) {
      let power = exp(x[base + c] - highest);
      if (row < params.rows) { y[base + c] = power; }
      run += power;
    }
    total += run;
  }
  total = row_sum(local, total);
  if (row >= params.rows) { return; }
  for (var c = local % LANES; c < params.columns; c += LANES) { y[base + c] /= total; }
}
