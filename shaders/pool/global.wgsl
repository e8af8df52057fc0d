// Means over all positions of an image, NHWC, V = four channels (vec4f) or one (f32), A and B how they are stored in a and b (V, vec4h or f16).
// forward: a = x, b = y [n, channels]. backward: a = dy, b = dx. Grid: x images · vectors / 64; y: 1 forward, positions / 16 backward.
// variant: {"types": {"V": "f32", "A": "f32", "B": "f32"}}
// variant: {"types": {"V": "vec4f", "A": "vec4f", "B": "vec4f"}}
// variant: {"types": {"V": "vec4f", "A": "vec4h", "B": "vec4f"}}
// variant: {"types": {"V": "f32", "A": "f32", "B": "f16"}}
struct Params { size: u32, vectors: u32, positions: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> a: array<A>;
@group(0) @binding(1) var<storage, read_write> b: array<B>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.size) { return; }
  let first = id.x / params.vectors * params.positions * params.vectors + id.x % params.vectors;
  var sum = V(0);
  for (var p = 0u; p < params.positions;) { // by runs, whose sums lose little when they are added up
    var run = V(0);
    for (let stop = min(params.positions, p + 32u); p < stop; p++) { run += V(a[first + p * params.vectors]); }
    sum += run;
  }
  b[id.x] = B(sum * params.scale);
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.size) { return; }
  let first = id.x / params.vectors * params.positions * params.vectors + id.x % params.vectors;
  let share = B(V(a[id.x]) * params.scale);
  let end = min(params.positions, id.y * 16u + 16u);
  for (var p = id.y * 16u; p < end; p++) { b[first + p * params.vectors] = share; }
}
