// Adds to correct[0] the rows of logits [N, C], stored as X, whose first maximum is their label. A row with a NaN never counts: it is looked for in the bits,
// since WGSL compilers may assume that there is none. The integer atomic is exact in any order. Constants: LANES (see reduce/row_lanes).
// Grid: grid1d(N·LANES / 64).
// variant: {"constants": {"LANES": 1}, "types": {"X": "f32"}}
// variant: {"constants": {"LANES": 8}, "types": {"X": "f16"}}
// variant: {"constants": {"LANES": 64}, "types": {"X": "f32"}}
// include reduce/row_lanes
@group(0) @binding(0) var<storage, read> logits: array<X>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> correct: array<atomic<u32>>;
struct Params { rows: u32, columns: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = min(row_of(wid.y * groups.x + wid.x, local), params.rows - 1u);
  let base = row * params.columns;
  let label = labels[row];
  let best = f32(logits[base + min(label, params.columns - 1u)]);
  var against = select(0.0, 1.0, label >= params.columns);
  for (var c = local % LANES; c < params.columns; c += LANES) {
    let value = f32(logits[base + c]);
    let nan = (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
    if (nan || value > best || (value == best && c < label)) { against = 1.0; }
  }
  against = row_sum(local, against);
  let mine = row_of(wid.y * groups.x + wid.x, local) < params.rows && local % LANES == 0u;
  if (mine && against == 0.0) { atomicAdd(&correct[0], 1u); }
}
