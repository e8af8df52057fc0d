// Which pairs of an image count, as bits of each position: bit j says that neighbor j (see detection/pair) is there and at least so like in color as to count; bit 8 + j that it
// says so of this position. Types: S four similarities as they are stored. Grid: chunkLaunch(gpu, positions of all images), see tensor/chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"S": "vec4f"}}
// variant: {"constants": {"GROUP": 64}, "types": {"S": "vec4h"}}
// include tensor/chunk
// include detection/pair
@group(0) @binding(0) var<storage, read> similarity: array<S>; // [images, height, width, 8]
@group(0) @binding(1) var<storage, read_write> pairs: array<u32>;
struct Params { count: u32, height: u32, width: u32, threshold: f32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) {
    let x = i32(i % params.width);
    let y = i32(i / params.width % params.height);
    let own = array<vec4f, 2>(vec4f(similarity[2u * i]), vec4f(similarity[2u * i + 1u]));
    var bits = 0u;
    for (var j = 0u; j < 8u; j++) {
      let to = way(j);
      if (x + to.x < 0 || x + to.x >= i32(params.width) || y + to.y < 0 || y + to.y >= i32(params.height)) { continue; }
      let other = u32(i32(i) + to.y * i32(params.width) + to.x);
      let back = vec4f(similarity[2u * other + select(0u, 1u, j < 4u)]);
      if (own[j / 4u][j % 4u] >= params.threshold) { bits |= 1u << j; }
      if (back[(7u - j) % 4u] >= params.threshold) { bits |= 256u << j; }
    }
    pairs[i] = bits;
  }
}
