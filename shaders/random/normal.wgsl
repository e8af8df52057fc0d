// Normal f32 numbers, four a thread. Grid: grid1d(vec4s / 64). The step's counter is read from memory, so that replays draw anew.
// include tensor/random
// include tensor/random_normal
@group(0) @binding(0) var<storage, read> counter: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
struct Params { seed: u32, stream: u32, mean: f32, deviation: f32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= arrayLength(&y)) { return; }
  let u = random_unit(random_u32(params.seed, params.stream, counter[0], i));
  y[i] = params.mean + params.deviation * random_normal(u);
}
