// y = (x − mean)·scale + shift, at least `floor`, by the coefficients of the part's segment; 0 for pixels of none. Laid out as
// shaders/packed/moments.wgsl, so that a lane keeps its coefficients. Grid: all parts.
// variant: {"constants": {"LANES": 32}, "types": {"V": "vec4f", "F": "vec4f", "B": "vec4u"}}
// variant: {"constants": {"LANES": 256}, "types": {"V": "f32", "F": "f32", "B": "u32"}}
struct Params { width: u32, rows: u32, segments: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<vec4u>;
@group(0) @binding(3) var<storage, read> coefficients: array<V>;
@group(0) @binding(4) var<storage, read_write> y: array<V>;
@group(0) @binding(5) var<uniform> params: Params;

// include packed/coefficients
// include elementwise/floor

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = parts[wid.x];
  let width = params.width;
  let c = lane % width;
  if (part.z == params.segments) {
    for (var i = part.x + lane / width; i < part.y; i += params.rows) { y[order[i] * width + c] = V(0); }
    return;
  }
  let own = coefficients_of(part.z, c);
  let low = V(params.floor);
  for (var i = part.x + lane / width; i < part.y; i += params.rows) {
    let index = order[i] * width + c;
    let v = (x[index] - own.mean) * own.scale + own.shift;
    y[index] = at_least(v, low);
  }
}
