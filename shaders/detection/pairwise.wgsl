// The pairwise loss (Tian et al. 2021, BoxInst, equation 5) in slices: what −log P(same) of the pairs add up to that count and whose first is in the box of the instance, and
// how many there are. Grid: x slices / GROUP, y images · instances.
// variant: {"constants": {"GROUP": 8}, "types": {"X": "f32"}}
// variant: {"constants": {"GROUP": 64}, "types": {"X": "f16"}}
// include detection/box_mask
// include detection/pair
@group(0) @binding(3) var<storage, read> pairs: array<u32>; // see detection/pairs
@group(0) @binding(4) var<storage, read_write> slices: array<vec2f>; // [images · instances, slices]
@group(0) @binding(5) var<uniform> maps: Maps; // share: slices

// Positions of a run of additions.
const RUN = 64u;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slice = wid.x * GROUP + lane;
  if (slice >= maps.share) { return; }
  let instance = wid.y;
  var box = vec4u();
  if (is_instance(instance)) { box = box_of(instance); }
  let wide = box.z - box.x;
  let count = wide * (box.w - box.y);
  let image = instance / maps.instances * maps.height * maps.width;
  let begin = instance * maps.height * maps.width;
  var sums = vec2f();
  for (var i = slice; i < count;) {
    var run = vec2f();
    for (let stop = i + RUN * maps.share; i < min(stop, count); i += maps.share) {
      let at = (box.y + i / wide) * maps.width + box.x + i % wide;
      let bits = pairs[image + at];
      let a = f32(logits[begin + at]);
      for (var half = 0u; half < 8u; half += 4u) {
        var b = vec4f();
        var counts = vec4f();
        for (var k = 0u; k < 4u; k++) {
          if (((bits >> (half + k)) & 1u) == 0u) { continue; }
          let to = way(half + k);
          b[k] = f32(logits[u32(i32(begin + at) + to.y * i32(maps.width) + to.x)]);
          counts[k] = 1.0;
        }
        run += vec2f(dot(select(vec4f(), unlike(a, b), counts > vec4f()), vec4f(1)), dot(counts, vec4f(1)));
      }
    }
    sums += run;
  }
  slices[instance * maps.share + slice] = sums;
}
