// y [n, ho, wo, c] of x [n, h, w, c], sides h and w resized; the nearest is copied as it is. Types: Elem, values side by side along c, which is in Elems (words of u32 where
// the nearest is copied), and as many f32 as Sum. Grid: grid1d(elements of y / 64).
// variant: {"constants": {"TAPS": 1}, "types": {"Elem": "vec4u", "Sum": "vec4f"}}
// variant: {"constants": {"TAPS": 2}, "types": {"Elem": "vec4f", "Sum": "vec4f"}}
// variant: {"constants": {"TAPS": 4}, "types": {"Elem": "f16", "Sum": "f32"}}
// include resize/taps
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params { rows: Side, columns: Side, c: u32, count: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let pixel = i / params.c;
  let channel = i - pixel * params.c;
  let line = pixel / params.columns.m;
  let image = line / params.rows.m;
  let row = between(line - image * params.rows.m, params.rows);
  let column = between(pixel - line * params.columns.m, params.columns);
  let first = image * params.rows.n;
  if (TAPS == 1u) {
    y[i] = x[((first + element(row, 0u, params.rows)) * params.columns.n + element(column, 0u, params.columns)) * params.c + channel];
    return;
  }
  let by_row = weights_of(row.t);
  let by_column = weights_of(column.t);
  var sum = Sum();
  for (var k = 0u; k < TAPS; k++) {
    let begin = (first + element(row, k, params.rows)) * params.columns.n;
    var of_row = Sum();
    for (var l = 0u; l < TAPS; l++) {
      of_row += by_column[l] * Sum(x[(begin + element(column, l, params.columns)) * params.c + channel]);
    }
    sum += by_row[k] * of_row;
  }
  y[i] = Elem(sum);
}
