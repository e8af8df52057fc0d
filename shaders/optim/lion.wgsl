// Lion (Chen et al. 2023, algorithm 2), four values at a time, in place. With HALF also their copy in f16, stored as H.
// Grid: x threads / 64; each thread walks in steps of `threads`. own: beta1, 1 − beta1, beta2, 1 − beta2.
// variant: {"constants": {"HALF": false, "GROUPS": false, "CLIP": false}, "types": {"H": "vec4f"}}
// variant: {"constants": {"HALF": true, "GROUPS": true, "CLIP": true}, "types": {"H": "vec4h"}}
// include optim/update
@group(0) @binding(5) var<storage, read_write> momentum: array<vec4f>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads || now.w == 0.0) { return; }
  for (var i = id.x; i < params.vectors; i += params.threads) {
    let terms = terms_of(i);
    let w = values[i];
    let m = momentum[i];
    let g = gradient_of(i) + terms.coupled * w;
    let c = params.own.x * m + params.own.y * g;
    // The sign of NaN is NaN, so that a bad gradient shows in the weights.
    let nan = (bitcast<vec4u>(c) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
    momentum[i] = params.own.z * m + params.own.w * g;
    let next = (1.0 - terms.rate * terms.decoupled) * w - terms.rate * select(sign(c), c, nan);
    put(i, next);
  }
}
