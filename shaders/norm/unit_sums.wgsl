// What the gradients of weight and bias of norm/unit_normalize are summed of, a chunk of rows at a time: a row is what lies at a position, all its channels; a thread
// takes a column of values. partial: [dy, dy · x̂][chunk][column]; norm/normalize_sums_finish adds up the chunks.
// Constants: GROUP; STRIPS: a row has the channels of several units, or a unit several rows; else each row is a unit. Types: norm/unit. Grid: (columns / GROUP, chunks).
// variant: {"constants": {"GROUP": 8, "STRIPS": false}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 64, "STRIPS": true}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 64, "STRIPS": true}, "types": {"S": "f16", "H": "f16", "V": "f32"}}
struct Params {
  columns: u32, rows: u32,
  chunk: u32, chunks: u32, // rows of a chunk
  positions: u32, groups: u32, strip: u32, // rows of an image, units of an image, values of a strip
}
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read> dy: array<S>;
@group(0) @binding(2) var<storage, read> moments: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partial: array<V>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let p = params;
  let column = wid.x * GROUP + lane;
  if (column >= p.columns) { return; }
  let first = wid.y * p.chunk;
  let end = min(p.rows, first + p.chunk);
  var at = first * p.columns + column;
  var unit = first;
  var left = 0u; // rows of the image that are still to come
  if (STRIPS) {
    let image = first / p.positions;
    left = p.positions - (first - image * p.positions);
    unit = image * p.groups + column / p.strip;
  }
  var sum = V(0);
  var product = V(0);
  for (var r = first; r < end;) {
    var run = V(0); // by runs: the error grows with the longest row of additions
    var run_product = V(0);
    for (let stop = min(end, r + 32u); r < stop; r++) {
      let own = moments[unit];
      let g = V(bitcast<H>(dy[at]));
      run += g;
      run_product += g * (((V(bitcast<H>(x[at])) - own.x) - own.y) * own.z);
      at += p.columns;
      if (STRIPS) {
        left--;
        if (left == 0u) {
          left = p.positions;
          unit += p.groups;
        }
      } else {
        unit++;
      }
    }
    sum += run;
    product += run_product;
  }
  partial[wid.y * p.columns + column] = sum;
  partial[(p.chunks + wid.y) * p.columns + column] = product;
}
