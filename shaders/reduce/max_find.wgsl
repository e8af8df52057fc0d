// Where x [A, R, B] first reaches its maximum y [A, B] along R, for each piece of R: found [A, S, B], the row, or all ones if not in that piece. NaN, which is
// looked for in the bits, is the maximum where there is one.
// Grid: grid1d(A·S·B / 64).
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> found: array<u32>;
struct Params { rows: u32, columns: u32, pieces: u32, piece: u32, count: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let strip = i / params.columns;
  let column = i - strip * params.columns;
  let outer = strip / params.pieces;
  let low = (strip - outer * params.pieces) * params.piece;
  let high = min(low + params.piece, params.rows);
  let highest = y[outer * params.columns + column];
  let nan = (bitcast<u32>(highest) & 0x7fffffffu) > 0x7f800000u;
  var first = 0xffffffffu;
  for (var r = low; r < high; r++) {
    let v = x[(outer * params.rows + r) * params.columns + column];
    let reached = (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
    if ((nan && reached) || (!nan && v == highest)) {
      first = r;
      break;
    }
  }
  found[i] = first;
}
