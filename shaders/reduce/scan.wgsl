// Running sums along R of x [A, R, B], by pieces of PIECE: a thread takes a piece of a column. Constants: PIECE; REVERSE, from the last to the first; EXCLUSIVE, without
// the element itself; OFFSETS, whether `before` holds what comes before each piece. Types: X and Y, how x and y are stored. Grid: grid1d(A·S·B / 64).
// variant: {"constants": {"PIECE": 32, "REVERSE": false, "EXCLUSIVE": true, "OFFSETS": false}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"PIECE": 32, "REVERSE": true, "EXCLUSIVE": false, "OFFSETS": true}, "types": {"X": "f16", "Y": "f16"}}
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read> before: array<f32>; // [A, S, B]
@group(0) @binding(2) var<storage, read_write> y: array<Y>; // [A, R, B], or of the entry `sums` [A, S, B]
struct Params {
  rows: u32, // R
  columns: u32, // B
  pieces: u32, // S
  count: u32, // A·S·B
}
@group(0) @binding(3) var<uniform> params: Params;

struct Place { first: u32, step: u32, length: u32 }

// Where a piece begins in memory, and how far on its next element is; backwards by the wrap of u32.
fn place_of(i: u32) -> Place {
  let strip = i / params.columns;
  let outer = strip / params.pieces;
  let low = (strip - outer * params.pieces) * PIECE;
  let row = select(low, params.rows - 1u - low, REVERSE);
  let step = select(params.columns, 0u - params.columns, REVERSE);
  return Place((outer * params.rows + row) * params.columns + i - strip * params.columns, step, min(PIECE, params.rows - low));
}

@compute @workgroup_size(64)
fn sums(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let place = place_of(i);
  var at = place.first;
  var sum = 0.0;
  for (var k = 0u; k < place.length; k++) {
    sum += f32(x[at]);
    at += place.step;
  }
  y[i] = Y(sum);
}

@compute @workgroup_size(64)
fn scan(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let place = place_of(i);
  var offset = 0.0;
  if (OFFSETS) { offset = before[i]; }
  var at = place.first;
  var sum = 0.0;
  for (var k = 0u; k < place.length; k++) {
    let value = f32(x[at]);
    if (EXCLUSIVE) { y[at] = Y(offset + sum); }
    sum += value;
    if (!EXCLUSIVE) { y[at] = Y(offset + sum); }
    at += place.step;
  }
}
