// dx = y·(dy − Σ y·dy) for each row, y [N, C] the softmax. Constants: LANES (see reduce/row_lanes). Grid: grid1d(N·LANES / 64).
// variant: {"constants": {"LANES": 1}}
// variant: {"constants": {"LANES": 8}}
// variant: {"constants": {"LANES": 64}}
// include reduce/row_lanes
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
struct Params { rows: u32, columns: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = row_of(wid.y * groups.x + wid.x, local);
  let base = min(row, params.rows - 1u) * params.columns;
  var total = 0.0;
  for (var c = local % LANES; c < params.columns;) {
    var run = 0.0;
    for (let stop = min(params.columns, c + RUN); c < stop; c += LANES) { run += y[base + c] * dy[base + c]; }
    total += run;
  }
  total = row_sum(local, total);
  if (row >= params.rows) { return; }
  for (var c = local % LANES; c < params.columns; c += LANES) { dx[base + c] = y[base + c] * (dy[base + c] - total); }
}
