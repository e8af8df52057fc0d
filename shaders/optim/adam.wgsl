// Adam and AdamW in torch's form, four values at a time, in place. With HALF also their copy in f16, stored as H.
// Grid: x threads / 64; each thread walks in steps of `threads`. own: 1 − beta1, beta2, 1 − beta2, eps.
// variant: {"constants": {"HALF": false, "GROUPS": false, "CLIP": false}, "types": {"H": "vec4f"}}
// variant: {"constants": {"HALF": true, "GROUPS": true, "CLIP": true}, "types": {"H": "vec4h"}}
// include optim/update
@group(0) @binding(5) var<storage, read_write> first: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> second: array<vec4f>;
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads || now.w == 0.0) { return; }
  let spread = 1.0 / sqrt(now.z);
  for (var i = id.x; i < params.vectors; i += params.threads) {
    let terms = terms_of(i);
    let w = values[i];
    let g = gradient_of(i) + terms.coupled * w;
    let m = first[i] + params.own.x * (g - first[i]);
    let v = params.own.y * second[i] + params.own.z * g * g;
    first[i] = m;
    second[i] = v;
    let next = (1.0 - terms.rate * terms.decoupled) * w - terms.rate / now.y * m / (sqrt(v) * spread + params.own.w);
    put(i, next);
  }
}
