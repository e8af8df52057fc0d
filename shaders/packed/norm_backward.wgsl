// The input's gradient of a normalization by segments; 0 for pixels of none. Types, constants and grid: see packed/normalize.
// variant: {"constants": {"LANES": 32}, "types": {"V": "vec4f"}}
// variant: {"constants": {"LANES": 256}, "types": {"V": "f32"}}
struct Params { width: u32, rows: u32, segments: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> dy: array<V>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> parts: array<vec4u>;
@group(0) @binding(4) var<storage, read> coefficients: array<V>;
@group(0) @binding(5) var<storage, read> sums: array<V>;
@group(0) @binding(6) var<storage, read_write> dx: array<V>;
@group(0) @binding(7) var<uniform> params: Params;

// include packed/coefficients

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = parts[wid.x];
  let width = params.width;
  let c = lane % width;
  if (part.z == params.segments) {
    for (var i = part.x + lane / width; i < part.y; i += params.rows) { dx[order[i] * width + c] = V(0); }
    return;
  }
  let own = coefficients_of(part.z, c);
  let first = sums[part.z * 2u * width + c];
  let second = sums[(part.z * 2u + 1u) * width + c] * own.inverse;
  let low = V(params.floor);
  for (var i = part.x + lane / width; i < part.y; i += params.rows) {
    let index = order[i] * width + c;
    let d = x[index] - own.mean;
    let g = select(dy[index], V(0), d * own.scale + own.shift <= low);
    dx[index] = (g - first - d * second) * own.scale;
  }
}
