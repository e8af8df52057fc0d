// Puts the gradient of each maximum [A, B] where reduce/max_find found it first; dx [A, R, B] holds zeros before. Grid: grid1d(A·B / 64).
@group(0) @binding(0) var<storage, read> found: array<u32>;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
struct Params { rows: u32, columns: u32, pieces: u32, count: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let outer = i / params.columns;
  let column = i - outer * params.columns;
  var row = 0xffffffffu;
  for (var s = 0u; s < params.pieces; s++) {
    row = min(row, found[(outer * params.pieces + s) * params.columns + column]);
  }
  if (row < params.rows) { dx[(outer * params.rows + row) * params.columns + column] = gradient[i]; }
}
