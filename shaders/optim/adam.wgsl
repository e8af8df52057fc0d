// Adam and AdamW in torch's form, four values at a time, in place. With HALF also their copy in f16, stored as H.
// Grid: x threads / 64; each thread walks in steps of `threads`.
// variant: {"constants": {"HALF": false}, "types": {"H": "vec4f"}}
// variant: {"constants": {"HALF": true}, "types": {"H": "vec4h"}}
struct Params { vectors: u32, threads: u32, rest1: f32, beta2: f32, rest2: f32, eps: f32, coupled: f32, decoupled: f32 }
@group(0) @binding(0) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> first: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> second: array<vec4f>;
@group(0) @binding(4) var<storage, read> now: vec4f; // shaders/optim/step_counter.wgsl
@group(0) @binding(5) var<storage, read_write> copy: array<H>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads || now.w == 0.0) { return; }
  let rate = now.x / now.y;
  let spread = 1.0 / sqrt(now.z);
  let shrink = 1.0 - now.x * params.decoupled;
  for (var i = id.x; i < params.vectors; i += params.threads) {
    let w = values[i];
    let g = now.w * gradients[i] + params.coupled * w;
    let m = first[i] + params.rest1 * (g - first[i]);
    let v = params.beta2 * second[i] + params.rest2 * g * g;
    first[i] = m;
    second[i] = v;
    let next = shrink * w - rate * m / (sqrt(v) * spread + params.eps);
    values[i] = next;
    if (HALF) { copy[i] = H(next); }
  }
}
