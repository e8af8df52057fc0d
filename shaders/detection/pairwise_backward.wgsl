// The gradient of the logits of the pairwise loss: a position is in pairs as the first, where it lies in the box, and as the neighbor of those that do. ADDS: it is added to what is
// there, which is left alone beyond the box and what is next to it. Grid: x shares of the positions / GROUP, y images · instances.
// variant: {"constants": {"GROUP": 8, "ADDS": false}, "types": {"X": "f32"}}
// variant: {"constants": {"GROUP": 64, "ADDS": true}, "types": {"X": "f16"}}
// include detection/box_mask
// include detection/pair
@group(0) @binding(3) var<storage, read> pairs: array<u32>; // see detection/pairs
@group(0) @binding(4) var<storage, read> sums: array<f32>; // of the losses, of the pairs that count
@group(0) @binding(5) var<storage, read> gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> dlogits: array<X>;
@group(0) @binding(7) var<uniform> maps: Maps;

fn is_in(box: vec4u, x: i32, y: i32) -> bool { return x >= i32(box.x) && x < i32(box.z) && y >= i32(box.y) && y < i32(box.w); }

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let instance = wid.y;
  let there = is_instance(instance);
  if (ADDS && !there) { return; }
  var box = vec4u();
  if (there) { box = box_of(instance); }
  // What the gradient is not 0 in: the box and what is next to it.
  let near = vec4u(max(box.xy, vec2u(DISTANCE)) - DISTANCE, box.zw + DISTANCE);
  let image = instance / maps.instances * maps.height * maps.width;
  let begin = instance * maps.height * maps.width;
  let scale = gradient[0] / max(sums[1], 1.0);
  let end = min(maps.height * maps.width, (wid.x + 1u) * maps.share);
  for (var at = wid.x * maps.share + lane; at < end; at += GROUP) {
    let x = i32(at % maps.width);
    let y = i32(at / maps.width);
    var sum = 0.0;
    if (box.z > 0u && is_in(near, x, y)) {
      let first = is_in(box, x, y);
      let bits = pairs[image + at];
      let a = f32(logits[begin + at]);
      for (var half = 0u; half < 8u; half += 4u) {
        var b = vec4f();
        var counts = vec4f();
        for (var k = 0u; k < 4u; k++) {
          let j = half + k;
          let to = way(j);
          let times = select(0u, (bits >> j) & 1u, first) + select(0u, (bits >> (j + 8u)) & 1u, is_in(box, x + to.x, y + to.y));
          if (times == 0u) { continue; }
          b[k] = f32(logits[u32(i32(begin + at) + to.y * i32(maps.width) + to.x)]);
          counts[k] = f32(times);
        }
        sum += dot(counts, select(vec4f(), unlike_slope(a, b), counts > vec4f()));
      }
    }
    if (ADDS) {
      if (sum != 0.0) { dlogits[begin + at] = X(f32(dlogits[begin + at]) + scale * sum); }
    } else {
      dlogits[begin + at] = X(scale * sum);
    }
  }
}
