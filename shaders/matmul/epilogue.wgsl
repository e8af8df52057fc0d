// What matmul/finish does, as a pass of its own: in place on y, or over the sum of `planes` planes of partial results (first to last) into y. Channels are the innermost
// side. Each workgroup takes a contiguous chunk, `chunk` long; a thread walks it in steps that keep its channels.
// Constants: GROUP, IN_PLACE (then `partial` may be any), those of matmul/finish. Types: those of matmul/finish.
// variant: {"constants": {"GROUP": 8, "IN_PLACE": true, "SCALE": true, "SHIFT": true, "RESIDUAL": true, "RELU": true}, "types": {"Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec2u", "StoreH": "vec4h"}}
// variant: {"constants": {"GROUP": 64, "IN_PLACE": false, "SCALE": false, "SHIFT": true, "RESIDUAL": false, "RELU": false}, "types": {"Sum": "f32", "F": "f32", "B": "u32", "Store": "f32", "StoreH": "f32"}}
// include matmul/finish
@group(0) @binding(3) var<storage, read> partial: array<Sum>;
@group(0) @binding(4) var<storage, read_write> y: array<Store>;
struct Params { length: u32, chunk: u32, period: u32, step: u32, planes: u32 }
@group(0) @binding(5) var<uniform> p: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * p.chunk;
  let end = min(begin + p.chunk, p.length);
  for (var q = lane; q < p.step; q += GROUP) {
    let channel = q % p.period;
    for (var i = begin + q; i < end; i += p.step) {
      var sum = Sum();
      if (IN_PLACE) { sum = Sum(bitcast<StoreH>(y[i])); } else {
        for (var plane = 0u; plane < p.planes; plane++) { sum += partial[plane * p.length + i]; }
      }
      y[i] = finish(sum, channel, i);
    }
  }
}
