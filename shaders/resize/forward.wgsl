// y [n, ho, wo, c] of x [n, h, w, c], sides h and w resized; the nearest is copied as it is. Types: Elem, values side by side along c, which is in Elems (words of u32 where
// the nearest is copied), and as many f32 as Sum. Grid: chunkLaunch(gpu, elements of y), see tensor/chunk.
// variant: {"constants": {"GROUP": 8, "TAPS": 1}, "types": {"Elem": "vec4u", "Sum": "vec4f"}}
// variant: {"constants": {"GROUP": 8, "TAPS": 2}, "types": {"Elem": "vec4f", "Sum": "vec4f"}}
// variant: {"constants": {"GROUP": 8, "TAPS": 4}, "types": {"Elem": "f16", "Sum": "f32"}}
// include tensor/chunk
// include tensor/grid_stride
// include resize/taps
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params {
  rows: Side,
  columns: Side,
  sides: vec4u, // of y
  jump: vec4u, // the position of element GROUP
  count: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  let c = params.sides.w;
  var at = position_of(s.first, params.sides);
  for (var i = s.first; i < s.end; i += GROUP) {
    let row = between(at.y, params.rows);
    let column = between(at.z, params.columns);
    let first = at.x * params.rows.n;
    if (TAPS == 1u) {
      y[i] = x[((first + element(row, 0u, params.rows)) * params.columns.n + element(column, 0u, params.columns)) * c + at.w];
    } else {
      let by_row = weights_of(row.t);
      let by_column = weights_of(column.t);
      var sum = Sum();
      for (var k = 0u; k < TAPS; k++) {
        let begin = (first + element(row, k, params.rows)) * params.columns.n;
        var of_row = Sum();
        for (var l = 0u; l < TAPS; l++) {
          of_row += by_column[l] * Sum(x[(begin + element(column, l, params.columns)) * c + at.w]);
        }
        sum += by_row[k] * of_row;
      }
      y[i] = Elem(sum);
    }
    at = position_after(at, params.jump, params.sides);
  }
}
