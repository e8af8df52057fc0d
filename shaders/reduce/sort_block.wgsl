// Sorts blocks of BLOCK neighbors along R of x [A, R, B], and of each block keeps the first KEEP at most: pairs [A·B, blocks, KEEP] of rank and place along R. A thread
// counts what goes before its value: no barrier, no memory but its own. Equal values keep their order. Constants: BLOCK, DESCENDING. Type: X, how x is stored.
// Grid: grid1d(A·R·B / 64).
// variant: {"constants": {"BLOCK": 32, "DESCENDING": false}, "types": {"X": "f32"}}
// variant: {"constants": {"BLOCK": 32, "DESCENDING": true}, "types": {"X": "f16"}}
// include reduce/rank
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read_write> pairs: array<vec2u>;
struct Params {
  rows: u32, // R
  columns: u32, // B
  blocks: u32,
  keep: u32,
  count: u32, // of x
}
@group(0) @binding(2) var<uniform> params: Params;

fn order_of(i: u32) -> i32 {
  let rank = rank_of(f32(x[i]));
  return select(rank, -rank, DESCENDING);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = i / params.columns;
  let column = i - row * params.columns;
  let outer = row / params.rows;
  let place = row - outer * params.rows;
  let block = place / BLOCK;
  let low = block * BLOCK;
  let high = min(low + BLOCK, params.rows);
  let mine = order_of(i);
  var before = 0u;
  var at = (outer * params.rows + low) * params.columns + column;
  for (var other = low; other < high; other++) {
    let order = order_of(at);
    before += select(0u, 1u, order < mine || (order == mine && other < place));
    at += params.columns;
  }
  if (before >= params.keep) { return; }
  pairs[((outer * params.columns + column) * params.blocks + block) * params.keep + before] = vec2u(bitcast<u32>(mine), place);
}
