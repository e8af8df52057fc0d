// y = softmax along R of x [A, R, B]: a thread takes one column, or four as reduce/value says. Constant: LOG (see reduce/softmax). Types: X and Y, how x and y are
// stored. Grid: grid1d(A·B / 64).
// variant: {"constants": {"LOG": false}, "types": {"X": "vec4f", "Y": "vec4f"}, "includes": {"reduce/value": "reduce/four"}}
// variant: {"constants": {"LOG": true}, "types": {"X": "f16", "Y": "f16"}, "includes": {"reduce/value": "reduce/one"}}
// include reduce/value
// include reduce/softmax
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read_write> y: array<Y>;
struct Params {
  rows: u32,
  columns: u32, // in elements of the arrays
  count: u32, // of columns
  run: u32, // how far a run of additions goes
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let outer = i / params.columns;
  let first = outer * params.rows * params.columns + i - outer * params.columns;
  let end = first + params.rows * params.columns;
  var highest = vec4f(LOWEST);
  for (var at = first; at < end; at += params.columns) { highest = higher(highest, loaded(x[at])); }
  var total = vec4f(0);
  for (var at = first; at < end;) {
    var run = vec4f(0);
    for (let stop = min(end, at + params.run); at < stop; at += params.columns) { run += exp(loaded(x[at]) - highest); }
    total += run;
  }
  let share = vec4f(share_of(total.x), share_of(total.y), share_of(total.z), share_of(total.w));
  for (var at = first; at < end; at += params.columns) { y[at] = stored(softmax_of(loaded(x[at]), highest, share)); }
}
