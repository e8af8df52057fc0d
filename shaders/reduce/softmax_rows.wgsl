// Include: workgroups over the rows of a softmax [N, C], `each` of them in turn. The kernel binds params and defines one(row, lane). Constant: LANES. Grid: grid1d(N / each).
struct Params {
  rows: u32,
  width: u32, // of a row, in elements of the arrays
  each: u32,
  run: u32, // how far a run of additions goes
// include gpu/words
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.y * groups.x + wid.x) * params.each;
  let end = min(first + params.each, params.rows);
  for (var row = first; row < end; row++) { one(row, lane); }
}
