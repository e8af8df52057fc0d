// y = softmax of each row of x [N, C]; a workgroup takes `each` rows in turn. Constants: LANES, LOG (see reduce/softmax). Types: X and Y, how x and y are stored, four at a
// time, or one where reduce/one is included for reduce/four. Grid: grid1d(N / each).
// variant: {"constants": {"LANES": 8, "LOG": false}, "types": {"X": "vec4f", "Y": "vec4f"}, "includes": {"reduce/group_shared": "reduce/group_subgroup"}}
// variant: {"constants": {"LANES": 64, "LOG": true}, "types": {"X": "f16", "Y": "f16"}, "includes": {"reduce/four": "reduce/one", "reduce/operand": "reduce/operand_one"}}
// include reduce/four
// include reduce/group_shared
// include reduce/softmax
// include reduce/softmax_rows
// include reduce/operand
@group(0) @binding(1) var<storage, read_write> y: array<Y>;
@group(0) @binding(2) var<uniform> params: Params;

fn one(row: u32, lane: u32) {
  let first = row * params.width + lane;
  let end = (row + 1u) * params.width;
  var most = vec4f(LOWEST);
  for (var i = first; i < end; i += LANES) { most = higher(most, value(i)); }
  let highest = vec4f(group_max(max_of(most), lane));
  var total = vec4f(0);
  for (var i = first; i < end;) {
    var run = vec4f(0);
    for (let stop = min(end, i + params.run); i < stop; i += LANES) { run += exp(value(i) - highest); }
    total += run;
  }
  let share = vec4f(share_of(group_sum(sum_of(total), lane)));
  for (var i = first; i < end; i += LANES) { y[i] = stored(softmax_of(value(i), highest, share)); }
}
