// The gradient dx of x from y, its softmax along R [A, R, B], and the gradient dy of that; threads share columns as in reduce/strip. Constants, types and grid: see
// reduce/softmax_strip.
// variant: {"constants": {"LOG": false, "WIDE": 4, "SIDE": 8, "GROUP": 8}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"LOG": true, "WIDE": 1, "SIDE": 1, "GROUP": 64}, "types": {"X": "f16", "Y": "f16"}, "includes": {"reduce/four": "reduce/one"}}
// include reduce/four
// include reduce/softmax
// include reduce/softmax_strips
@group(0) @binding(0) var<storage, read> y: array<X>;
@group(0) @binding(1) var<storage, read> dy: array<X>;
@group(0) @binding(2) var<storage, read_write> dx: array<Y>;
@group(0) @binding(3) var<uniform> params: Params;

fn strip(first: u32, end: u32, own: u32) {
  // Columns beyond the last are worked on as that, and not written.
  var columns: array<u32, WIDE>;
  var total: array<vec4f, WIDE>;
  for (var k = 0u; k < WIDE; k++) {
    columns[k] = min(own + k * SIDE, params.columns - 1u);
    total[k] = vec4f(0);
  }
  for (var at = first; at < end;) {
    var run: array<vec4f, WIDE>;
    for (var k = 0u; k < WIDE; k++) { run[k] = vec4f(0); }
    for (let stop = min(end, at + params.run); at < stop; at += params.columns) {
      for (var k = 0u; k < WIDE; k++) { run[k] += weighed(loaded(y[at + columns[k]]), loaded(dy[at + columns[k]])); }
    }
    for (var k = 0u; k < WIDE; k++) { total[k] += run[k]; }
  }
  for (var at = first; at < end; at += params.columns) {
    for (var k = 0u; k < WIDE; k++) {
      if (own + k * SIDE < params.columns) {
        dx[at + columns[k]] = stored(gradient_of(loaded(y[at + columns[k]]), loaded(dy[at + columns[k]]), total[k]));
      }
    }
  }
}
