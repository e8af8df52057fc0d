// Stochastic gradient descent in torch's form, four values at a time, in place. With HALF also their copy in f16, stored as H.
// Grid: x threads / 64; each thread walks in steps of `threads`.
// variant: {"constants": {"MOMENTUM": false, "HALF": false}, "types": {"H": "vec4f"}}
// variant: {"constants": {"MOMENTUM": true, "HALF": false}, "types": {"H": "vec4f"}}
// variant: {"constants": {"MOMENTUM": true, "HALF": true}, "types": {"H": "vec4h"}}
struct Params { vectors: u32, threads: u32, momentum: f32, nesterov: u32, coupled: f32, decoupled: f32 }
@group(0) @binding(0) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> buffer: array<vec4f>;
@group(0) @binding(3) var<storage, read> now: vec4f; // shaders/optim/step_counter.wgsl
@group(0) @binding(4) var<storage, read_write> copy: array<H>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads || now.w == 0.0) { return; }
  let rate = now.x;
  let shrink = 1.0 - rate * params.decoupled;
  for (var i = id.x; i < params.vectors; i += params.threads) {
    let w = values[i];
    var g = now.w * gradients[i] + params.coupled * w;
    if (MOMENTUM) {
      let v = params.momentum * buffer[i] + g;
      buffer[i] = v;
      g = select(v, g + params.momentum * v, params.nesterov == 1u);
    }
    let next = shrink * w - rate * g;
    values[i] = next;
    if (HALF) { copy[i] = H(next); }
  }
}
