// Probe: how fast words come from memory and go there. Words are hashes of their places, so nothing can be compressed and every sum is known.
// A workgroup begins at its number times `stride` and goes on by `step`, `trips` times: neighbors side by side and in step on a GPU; one chunk for each
// workgroup of one subgroup on a software adapter, which runs them one after another (llvmpipe: 1.2 to 2 times as fast as in step). Grid: x alone.
// variant: {"constants": {"GROUP": 256}}
struct Params { stride: u32, step: u32, trips: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4u>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn write(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  var i = wid.x * params.stride + lane;
  for (var trip = 0u; trip < params.trips; trip++) {
    y[i] = (vec4u(i * 4u) + vec4u(0u, 1u, 2u, 3u)) * 2654435761u;
    i += params.step;
  }
}

@compute @workgroup_size(GROUP)
fn copy(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  var i = wid.x * params.stride + lane;
  for (var trip = 0u; trip < params.trips; trip++) {
    y[i] = x[i];
    i += params.step;
  }
}

// y[thread]: the sum of what the thread read, four loads at a time; `trips` is a multiple of four.
@compute @workgroup_size(GROUP)
fn load(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  var i = wid.x * params.stride + lane;
  var sum = vec4u(0);
  for (var trip = 0u; trip < params.trips; trip += 4u) {
    sum += (x[i] + x[i + params.step]) + (x[i + 2u * params.step] + x[i + 3u * params.step]);
    i += 4u * params.step;
  }
  y[wid.x * GROUP + lane] = sum;
}
