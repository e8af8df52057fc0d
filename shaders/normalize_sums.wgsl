// What the backward pass of shaders/normalize.wgsl sums over a channel: the gradient, and the gradient times the standardised input, each as
// far as one thread meets it. Same walk and grid as there. partial: [row][gradient, product][threads].
// variant: {"types": {"V": "vec4f"}}
// variant: {"types": {"V": "f32"}}
struct Params { rows: u32, length: u32, threads: u32, period: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> dy: array<V>;
@group(0) @binding(2) var<storage, read> coefficients: array<V>;
@group(0) @binding(3) var<storage, read_write> partial: array<V>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = wid.x * 64u + lane;
  let row = wid.z * groups.y + wid.y;
  if (t >= params.threads || row >= params.rows) { return; }
  let at = row * 4u * params.period + t % params.period;
  let mean = coefficients[at];
  let inverse = coefficients[at + params.period];
  let scale = coefficients[at + 2u * params.period];
  let shift = coefficients[at + 3u * params.period];
  let low = V(params.floor);
  var sum = V(0);
  var product = V(0);
  let end = (row + 1u) * params.length;
  for (var i = row * params.length + t; i < end; i += params.threads) {
    let d = x[i] - mean;
    let g = select(dy[i], V(0), d * scale + shift <= low);
    sum += g;
    product += g * d;
  }
  let to = row * 2u * params.threads + t;
  partial[to] = sum;
  partial[to + params.threads] = product * inverse;
}
