// The mean of each channel over each segment of pixels (src/ops/packed/segments.ts), the way back, and the sum. Types: V, vec4f or f32. Constants: LANES.
// variant: {"constants": {"LANES": 32}, "types": {"V": "vec4f"}}
// variant: {"constants": {"LANES": 256}, "types": {"V": "f32"}}
struct Params { width: u32, rows: u32, segments: u32 }
@group(0) @binding(0) var<storage, read> values: array<V>;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<vec4u>;
@group(0) @binding(3) var<storage, read> segments: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> result: array<V>;
@group(0) @binding(5) var<uniform> params: Params;

// result: [segment][channels], from values: the moments of shaders/packed/moments.wgsl. Grid: segments · width / LANES.
@compute @workgroup_size(LANES)
fn forward(@builtin(global_invocation_id) gid: vec3u) {
  if (gid.x >= params.segments * params.width) { return; }
  result[gid.x] = total(gid.x) / f32(segments[gid.x / params.width].z);
}

// As forward, not divided by the number of pixels.
@compute @workgroup_size(LANES)
fn sums(@builtin(global_invocation_id) gid: vec3u) {
  if (gid.x >= params.segments * params.width) { return; }
  result[gid.x] = total(gid.x);
}

fn total(index: u32) -> V {
  let width = params.width;
  let segment = segments[index / width];
  var sum = V(0);
  for (var part = segment.x; part < segment.y; part++) {
    sum += f32(parts[part].y - parts[part].x) * values[2u * part * width + index % width];
  }
  return sum;
}

// result: the gradient of each pixel, from values: those of the means; 0 for pixels of no segment. Laid out as shaders/packed/normalize.wgsl. Grid: all parts.
@compute @workgroup_size(LANES)
fn backward(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = parts[wid.x];
  let width = params.width;
  let c = lane % width;
  var value = V(0);
  if (part.z < params.segments) { value = values[part.z * width + c] / f32(segments[part.z].z); }
  for (var i = part.x + lane / width; i < part.y; i += params.rows) { result[order[i] * width + c] = value; }
}
