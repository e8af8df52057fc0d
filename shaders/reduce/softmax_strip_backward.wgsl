// The gradient dx of x from y, its softmax along R [A, R, B], and the gradient dy of that, a thread a column or four. Constants, types and grid: see
// reduce/softmax_strip.
// variant: {"constants": {"LOG": false}, "types": {"X": "vec4f", "Y": "vec4f"}, "includes": {"reduce/value": "reduce/four"}}
// variant: {"constants": {"LOG": true}, "types": {"X": "f16", "Y": "f16"}, "includes": {"reduce/value": "reduce/one"}}
// include reduce/value
// include reduce/softmax
@group(0) @binding(0) var<storage, read> y: array<X>;
@group(0) @binding(1) var<storage, read> dy: array<X>;
@group(0) @binding(2) var<storage, read_write> dx: array<Y>;
struct Params {
  rows: u32,
  columns: u32, // in elements of the arrays
  count: u32, // of columns
  run: u32, // how far a run of additions goes
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let outer = i / params.columns;
  let first = outer * params.rows * params.columns + i - outer * params.columns;
  let end = first + params.rows * params.columns;
  var total = vec4f(0);
  for (var at = first; at < end;) {
    var run = vec4f(0);
    for (let stop = min(end, at + params.run); at < stop; at += params.columns) { run += weighed(loaded(y[at]), loaded(dy[at])); }
    total += run;
  }
  for (var at = first; at < end; at += params.columns) { dx[at] = stored(gradient_of(loaded(y[at]), loaded(dy[at]), total)); }
}
