// Mean and squared deviations of each channel over one part of a segment of pixels (src/ops/packed/segments.ts): a workgroup a part, its lanes side by
// side on the channels of a pixel, `rows` pixels at a time. Sums are taken from the part's first pixel on, which keeps them exact.
// Types: V, vec4f or f32. Constants: LANES. partial: [part][mean, squares][channels]. Grid: parts.
// variant: {"constants": {"LANES": 32}, "types": {"V": "vec4f"}}
// variant: {"constants": {"LANES": 256}, "types": {"V": "f32"}}
struct Params { width: u32, rows: u32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> partial: array<V>;
@group(0) @binding(4) var<uniform> params: Params;

// include packed/tree

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = parts[wid.x];
  let c = lane % params.width;
  let row = lane / params.width;
  let first = x[order[part.x] * params.width + c];
  let origin = select(first, V(0), abs(first) > V(0x1.fffffep+127f)); // from an infinity on, the others would make NaN
  var sum = V(0);
  var squares = V(0);
  for (var i = part.x + row; i < part.y; i += params.rows) {
    let d = x[order[i] * params.width + c] - origin;
    sum += d;
    squares += d * d;
  }
  let total = tree(Pair(sum, squares), lane);
  if (row > 0u) { return; }
  let n = f32(part.y - part.x);
  let at = wid.x * 2u * params.width + c;
  partial[at] = origin + total.first / n;
  let left = total.second - total.first * total.first / n;
  partial[at + params.width] = select(left, V(0), left < V(0));
}
