// Stochastic gradient descent in torch's form, four values at a time, in place. With HALF also their copy in f16, stored as H.
// Grid: x threads / 64; each thread walks in steps of `threads`. own: momentum, 1 for Nesterov's.
// variant: {"constants": {"MOMENTUM": false, "HALF": false, "GROUPS": false, "CLIP": false}, "types": {"H": "vec4f"}}
// variant: {"constants": {"MOMENTUM": true, "HALF": false, "GROUPS": true, "CLIP": true}, "types": {"H": "vec4f"}}
// variant: {"constants": {"MOMENTUM": true, "HALF": true, "GROUPS": false, "CLIP": false}, "types": {"H": "vec4h"}}
// include optim/update
@group(0) @binding(5) var<storage, read_write> buffer: array<vec4f>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.threads || now.w == 0.0) { return; }
  for (var i = id.x; i < params.vectors; i += params.threads) {
    let terms = terms_of(i);
    let w = values[i];
    var g = gradient_of(i) + terms.coupled * w;
    if (MOMENTUM) {
      let v = params.own.x * buffer[i] + g;
      buffer[i] = v;
      g = select(v, g + params.own.x * v, params.own.y == 1.0);
    }
    let next = (1.0 - terms.rate * terms.decoupled) * w - terms.rate * g;
    put(i, next);
  }
}
