// y = x + the values of the pixel's segment (src/ops/packed/segments.ts); x at pixels of none. Types: V, vec4f or f32. Constants: LANES. Laid out as
// shaders/packed/normalize.wgsl, so that a lane keeps its value. Grid: all parts.
// variant: {"constants": {"LANES": 32}, "types": {"V": "vec4f"}}
// variant: {"constants": {"LANES": 256}, "types": {"V": "f32"}}
struct Params { width: u32, rows: u32, segments: u32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> values: array<V>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> parts: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> y: array<V>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = parts[wid.x];
  let width = params.width;
  let c = lane % width;
  var value = V(0);
  if (part.z < params.segments) { value = values[part.z * width + c]; }
  for (var i = part.x + lane / width; i < part.y; i += params.rows) {
    let at = order[i] * width + c;
    y[at] = x[at] + value;
  }
}
