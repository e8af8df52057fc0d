// The gradient dx of x from y, the softmax of each row [N, C], and its gradient dy; a workgroup takes `each` rows in turn. Constants, types and grid: see
// reduce/softmax_row.
// variant: {"constants": {"LANES": 8, "LOG": false}, "types": {"X": "vec4f", "Y": "vec4f"}, "includes": {"reduce/group_shared": "reduce/group_subgroup"}}
// variant: {"constants": {"LANES": 64, "LOG": true}, "types": {"X": "f16", "Y": "f16"}, "includes": {"reduce/four": "reduce/one"}}
// include reduce/four
// include reduce/group_shared
// include reduce/softmax
// include reduce/softmax_rows
@group(0) @binding(0) var<storage, read> y: array<X>;
@group(0) @binding(1) var<storage, read> dy: array<X>;
@group(0) @binding(2) var<storage, read_write> dx: array<Y>;
@group(0) @binding(3) var<uniform> params: Params;

fn one(row: u32, lane: u32) {
  let first = row * params.width + lane;
  let end = (row + 1u) * params.width;
  var total = vec4f(0);
  for (var i = first; i < end;) {
    var run = vec4f(0);
    for (let stop = min(end, i + params.run); i < stop; i += LANES) { run += weighed(loaded(y[i]), loaded(dy[i])); }
    total += run;
  }
  let all = vec4f(group_sum(sum_of(total), lane));
  for (var i = first; i < end; i += LANES) { dx[i] = stored(gradient_of(loaded(y[i]), loaded(dy[i]), all)); }
}
