// An average of weights that forgets: `update` moves it towards the values, `swap` exchanges the two, with HALF also in the values' copy in f16, stored as H.
// Four values at a time. Grid: x threads / 64; each thread walks in steps of `threads`.
// variant: {"constants": {"HALF": false}, "types": {"H": "vec4f"}}
// variant: {"constants": {"HALF": true}, "types": {"H": "vec4h"}}
struct Params { vectors: u32, threads: u32, decay: f32, ramp: u32 }
@group(0) @binding(0) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copy: array<H>;
@group(0) @binding(3) var<storage, read> updates: array<f32>; // done so far
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn update(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads) { return; }
  let early = (1.0 + updates[0]) / (10.0 + updates[0]);
  let decay = select(params.decay, min(params.decay, early), params.ramp == 1u);
  for (var i = id.x; i < params.vectors; i += params.threads) {
    average[i] = decay * average[i] + (1.0 - decay) * values[i];
  }
}

@compute @workgroup_size(64)
fn swap(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads) { return; }
  for (var i = id.x; i < params.vectors; i += params.threads) {
    let next = average[i];
    average[i] = values[i];
    values[i] = next;
    if (HALF) { copy[i] = H(next); }
  }
}
