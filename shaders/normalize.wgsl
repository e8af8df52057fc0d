// y = (x − mean)·scale + shift, at least `floor` (0 fuses a rectifier, the lowest f32 is none), for rows of V (vec4f or f32). A thread walks
// a row in steps of `threads`, a multiple of the channels' period, so it reads its coefficients once.
// Grid: x threads / 64, y and z rows (grid1d). coefficients: [row][mean, 1 / deviation, scale, shift][period].
// variant: {"types": {"V": "vec4f"}}
// variant: {"types": {"V": "f32"}}
struct Params { rows: u32, length: u32, threads: u32, period: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read> coefficients: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<V>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = wid.x * 64u + lane;
  let row = wid.z * groups.y + wid.y;
  if (t >= params.threads || row >= params.rows) { return; }
  let at = row * 4u * params.period + t % params.period;
  let mean = coefficients[at];
  let scale = coefficients[at + 2u * params.period];
  let shift = coefficients[at + 3u * params.period];
  let low = V(params.floor);
  let end = (row + 1u) * params.length;
  for (var i = row * params.length + t; i < end; i += params.threads) {
    let v = (x[i] - mean) * scale + shift;
    y[i] = select(v, low, v < low); // NaN stays NaN
  }
}
