// Between two arrangements of the same images, the coarse one at half their size. Grid and constants: see packed/pixels.
// variant: {"constants": {"LANES": 32}}
// variant: {"constants": {"LANES": 256}}
struct Params { width: u32, pixels: u32, fine_width: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<vec4u>;
@group(0) @binding(4) var<uniform> params: Params;

// include packed/pixels

// y[coarse] = the largest of its four, whose number is noted; the first of equals, the last NaN. index: for each coarse pixel the first of its four, all ones for none.
@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let w = pixel_range(params.pixels, params.width, wid.x, groups.x, lane);
  for (var pixel = w.first; pixel < w.end; pixel += w.step) {
    let corner = index[pixel];
    let target_ = pixel * params.width + w.element;
    if (corner == 0xffffffffu) {
      y[target_] = vec4f(0);
      continue;
    }
    let at = corner * params.width + w.element;
    var best = x[at];
    var found = vec4u(0);
    var size = bitcast<vec4u>(best) & vec4u(0x7fffffffu); // as in pool/max: NaN wins, and is looked for in the bits
    for (var k = 1u; k < 4u; k++) {
      let v = x[at + ((k >> 1u) * params.fine_width + (k & 1u)) * params.width];
      let own = bitcast<vec4u>(v) & vec4u(0x7fffffffu);
      let better = ((v > best) & (size <= vec4u(0x7f800000u))) | (own > vec4u(0x7f800000u));
      size = max(size, own);
      found = select(found, vec4u(k), better);
      best = select(best, v, better);
    }
    y[target_] = best;
    argmax[target_] = found;
  }
}

// y, the fine gradient, from x, the coarse one. index: for each fine pixel 4 · its coarse one + which of the four, all ones for none.
@compute @workgroup_size(LANES)
fn backward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let w = pixel_range(params.pixels, params.width, wid.x, groups.x, lane);
  for (var pixel = w.first; pixel < w.end; pixel += w.step) {
    let parent = index[pixel];
    var value = vec4f(0);
    if (parent != 0xffffffffu) {
      let at = (parent >> 2u) * params.width + w.element;
      value = select(value, x[at], argmax[at] == vec4u(parent & 3u));
    }
    y[pixel * params.width + w.element] = value;
  }
}
