// Means over square windows, NHWC, V = four channels (vec4f) or one (f32), S how they are stored (V, vec4h or f16); positions in the padding
// count as zeros. forward: a = x, b = y. backward: a = dy, b = dx, where each input gathers from the windows that hold it. Grid: x (width of b · vectors) / 64, y height of b, z images.
// variant: {"types": {"V": "vec4f", "S": "vec4f"}}
// variant: {"types": {"V": "f32", "S": "f32"}}
// variant: {"types": {"V": "vec4f", "S": "vec4h"}}
// include pool/window
@group(0) @binding(0) var<storage, read> a: array<S>;
@group(0) @binding(1) var<storage, read_write> b: array<S>;
@group(0) @binding(2) var<uniform> params: Window;

/// The sum of a row's positions between two columns, by runs: the error grows with the longest row of additions.
fn sum_of(row: u32, columns: vec2u, lane: u32) -> V {
  var sum = V(0);
  for (var x = columns.x; x < columns.y;) {
    var run = V(0);
    for (let stop = min(columns.y, x + 32u); x < stop; x++) { run += V(a[(row + x) * params.vectors + lane]); }
    sum += run;
  }
  return sum;
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.wo * params.vectors) { return; }
  let rows = inputs(id.y, params.h);
  let columns = inputs(id.x / params.vectors, params.w);
  let lane = id.x % params.vectors;
  var sum = V(0);
  var block = V(0);
  for (var y = rows.x; y < rows.y; y++) {
    let row = (id.z * params.h + y) * params.w;
    block += sum_of(row, columns, lane);
    if ((y & 31u) == 31u || y + 1u == rows.y) {
      sum += block;
      block = V(0);
    }
  }
  b[(id.z * params.ho + id.y) * params.wo * params.vectors + id.x] = S(sum * params.scale);
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.w * params.vectors) { return; }
  let rows = outputs(id.y, params.ho);
  let columns = outputs(id.x / params.vectors, params.wo);
  let lane = id.x % params.vectors;
  var sum = V(0);
  for (var y = rows.x; y < rows.y; y++) {
    let row = (id.z * params.ho + y) * params.wo;
    sum += sum_of(row, columns, lane);
  }
  b[(id.z * params.h + id.y) * params.w * params.vectors + id.x] = S(sum * params.scale);
}
