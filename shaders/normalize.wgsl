// y = (x − mean)·scale + shift, at least `floor` (0 fuses a rectifier, the lowest f32 is none), for rows of V (vec4f or f32). Each workgroup takes a
// contiguous stretch of a row, `chunk` long; a thread walks it in steps that keep its channels, so it reads its coefficients once. On llvmpipe
// workgroups of 8 on stretches move nearly twice what threads do that stride through the whole row.
// Grid: x stretches of a row, y and z rows (grid1d). coefficients: [row][mean, 1 / deviation, scale, shift][period].
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 64}, "types": {"V": "f32"}}
struct Params { rows: u32, length: u32, chunk: u32, period: u32, step: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> coefficients: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<V>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = wid.z * groups.y + wid.y;
  if (row >= params.rows) { return; }
  let begin = row * params.length + wid.x * params.chunk;
  let end = min(begin + params.chunk, (row + 1u) * params.length);
  let low = V(params.floor);
  for (var q = lane; q < params.step; q += GROUP) {
    let at = row * 4u * params.period + q % params.period;
    let mean = coefficients[at];
    let scale = coefficients[at + 2u * params.period];
    let shift = coefficients[at + 3u * params.period];
    for (var i = begin + q; i < end; i += params.step) {
      let v = (x[i] - mean) * scale + shift;
      y[i] = select(v, low, v < low); // NaN stays NaN
    }
  }
}
