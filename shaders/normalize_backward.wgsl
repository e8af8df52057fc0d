// The input's gradient of shaders/normalize.wgsl: scale·(g − share·(Σg + x̂·Σg x̂)), where share is 1 / count for statistics of this batch and
// 0 for fixed ones, and g is dy where the output lies above `floor`. Same walk and grid as there.
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 64}, "types": {"V": "f32"}}
struct Params { rows: u32, length: u32, chunk: u32, period: u32, step: u32, floor: f32, share: f32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> dy: array<V>;
@group(0) @binding(2) var<storage, read> coefficients: array<V>;
@group(0) @binding(3) var<storage, read> sums: array<V>;
@group(0) @binding(4) var<storage, read_write> dx: array<V>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = wid.z * groups.y + wid.y;
  if (row >= params.rows) { return; }
  let begin = row * params.length + wid.x * params.chunk;
  let end = min(begin + params.chunk, (row + 1u) * params.length);
  let low = V(params.floor);
  for (var q = lane; q < params.step; q += GROUP) {
    let c = q % params.period;
    let at = row * 4u * params.period + c;
    let mean = coefficients[at];
    let scale = coefficients[at + 2u * params.period];
    let shift = coefficients[at + 3u * params.period];
    let level = params.share * sums[row * 2u * params.period + c];
    let slope = params.share * sums[(row * 2u + 1u) * params.period + c] * coefficients[at + params.period];
    for (var i = begin + q; i < end; i += params.step) {
      let d = x[i] - mean;
      let g = select(dy[i], V(0), d * scale + shift <= low);
      dx[i] = scale * (g - level - d * slope);
    }
  }
}
