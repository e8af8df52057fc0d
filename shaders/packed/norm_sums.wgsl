// The sums that the gradient of a normalization by segments needs, over one part: of the gradient, and of the gradient times the standardized input.
// Laid out as shaders/packed/moments.wgsl. partial: [part][both sums][channels]. Grid: parts.
// variant: {"constants": {"LANES": 32}, "types": {"V": "vec4f"}}
// variant: {"constants": {"LANES": 256}, "types": {"V": "f32"}}
struct Params { width: u32, rows: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> dy: array<V>;
@group(0) @binding(2) var<storage, read> coefficients: array<V>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> parts: array<vec4u>;
@group(0) @binding(5) var<storage, read_write> partial: array<V>;
@group(0) @binding(6) var<uniform> params: Params;

// include packed/tree
// include packed/coefficients

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = parts[wid.x];
  let width = params.width;
  let c = lane % width;
  let row = lane / width;
  let own = coefficients_of(part.z, c);
  let low = V(params.floor);
  var sum = V(0);
  var product = V(0);
  for (var i = part.x + row; i < part.y; i += params.rows) {
    let index = order[i] * width + c;
    let d = x[index] - own.mean;
    let g = select(dy[index], V(0), d * own.scale + own.shift <= low);
    sum += g;
    product += g * d;
  }
  let total = tree(Pair(sum, product * own.inverse), lane);
  if (row > 0u) { return; }
  partial[wid.x * 2u * width + c] = total.first;
  partial[(wid.x * 2u + 1u) * width + c] = total.second;
}
