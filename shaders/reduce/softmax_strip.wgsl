// y = softmax along R of x [A, R, B]; threads share columns as in reduce/strip. Constants: LOG (see reduce/softmax), WIDE, SIDE, GROUP. Types: X and Y, how x and y are
// stored, four at a time, or one where reduce/one is included for reduce/four. Grid: grid1d(A·blocks·SIDE / GROUP).
// variant: {"constants": {"LOG": false, "WIDE": 4, "SIDE": 8, "GROUP": 8}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"LOG": true, "WIDE": 1, "SIDE": 1, "GROUP": 64}, "types": {"X": "f16", "Y": "f16"}, "includes": {"reduce/four": "reduce/one", "reduce/operand": "reduce/operand_one"}}
// include reduce/four
// include reduce/softmax
// include reduce/softmax_strips
// include reduce/operand
@group(0) @binding(1) var<storage, read_write> y: array<Y>;
@group(0) @binding(2) var<uniform> params: Params;

fn strip(first: u32, end: u32, own: u32) {
  // Columns beyond the last are worked on as that, and not written.
  var columns: array<u32, WIDE>;
  var highest: array<vec4f, WIDE>;
  var total: array<vec4f, WIDE>;
  for (var k = 0u; k < WIDE; k++) {
    columns[k] = min(own + k * SIDE, params.columns - 1u);
    highest[k] = vec4f(LOWEST);
    total[k] = vec4f(0);
  }
  for (var at = first; at < end; at += params.columns) {
    for (var k = 0u; k < WIDE; k++) { highest[k] = higher(highest[k], value(at + columns[k])); }
  }
  for (var at = first; at < end;) {
    var run: array<vec4f, WIDE>;
    for (var k = 0u; k < WIDE; k++) { run[k] = vec4f(0); }
    for (let stop = min(end, at + params.run); at < stop; at += params.columns) {
      for (var k = 0u; k < WIDE; k++) { run[k] += exp(value(at + columns[k]) - highest[k]); }
    }
    for (var k = 0u; k < WIDE; k++) { total[k] += run[k]; }
  }
  for (var k = 0u; k < WIDE; k++) {
    total[k] = vec4f(share_of(total[k].x), share_of(total[k].y), share_of(total[k].z), share_of(total[k].w));
  }
  for (var at = first; at < end; at += params.columns) {
    for (var k = 0u; k < WIDE; k++) {
      if (own + k * SIDE < params.columns) {
        y[at + columns[k]] = stored(softmax_of(value(at + columns[k]), highest[k], total[k]));
      }
    }
  }
}
