// Gathers one value per gate from one per (input, output) pair of a weight, the way back of shaders/gate_expand.wgsl: gate g owns `length`
// values from (g / divisor)·major + (g % divisor)·minor in steps of `step`. Grid: x gates / 64, folded (grid1d).
struct Params { gates: u32, divisor: u32, major: u32, minor: u32, length: u32, step: u32, scale: f32, depth_step: u32 }
@group(0) @binding(0) var<storage, read> full: array<f32>;
@group(0) @binding(1) var<storage, read> depth: array<u32>;
@group(0) @binding(2) var<storage, read_write> gates: array<f32>;
@group(0) @binding(3) var<storage, read_write> place: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

fn first(g: u32) -> u32 { return g / params.divisor * params.major + g % params.divisor * params.minor; }

// gates ← sum · scale; `depth` and `place` are not used.
@compute @workgroup_size(64)
fn sum(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let g = (wid.y * groups.x + wid.x) * 64u + lane;
  if (g >= params.gates) { return; }
  var total = 0.0;
  for (var k = 0u; k < params.length; k++) { total += full[first(g) + k * params.step]; }
  gates[g] = total * params.scale;
}

// gates ← the first largest value, place ← where in the weight it came from: depth[pair]·depth_step + pair.
@compute @workgroup_size(64)
fn largest(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let g = (wid.y * groups.x + wid.x) * 64u + lane;
  if (g >= params.gates) { return; }
  var at = first(g);
  var best = full[at];
  for (var k = 1u; k < params.length; k++) {
    let pair = first(g) + k * params.step;
    if (full[pair] > best) {
      best = full[pair];
      at = pair;
    }
  }
  gates[g] = best;
  place[g] = depth[at] * params.depth_step + at;
}
