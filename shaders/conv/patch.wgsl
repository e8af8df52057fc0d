// Convolution, stationary form, for inputs of few channels: all taps and channels are one block, so an output pixel is one patch times the block.
// Grid: column blocks of 8·V × splits. Constants and types: those of conv/stationary, with Stored = f32; TX and TY are 1.
// variant: {"constants": {"V": 2, "W": 4, "TX": 1, "TY": 1}, "types": {"In": "vec4f", "Col": "vec2f", "Stored": "f32"}}
// variant: {"constants": {"V": 4, "W": 2, "TX": 1, "TY": 1}, "types": {"In": "vec2f", "Col": "vec4f", "Stored": "f32"}}
enable subgroups;
// include conv/stationary
// include conv/patch_lanes

// Four running sums a lane in all, as in conv/gather.
const SUMS = 4 / V;
var<private> acc: array<Col, SUMS>;

fn multiply(value: f32, k: i32, tap: i32) { acc[k % SUMS] += value * block[k]; }

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) index: u32) {
  let rows = enter(wid, index);
  let one = p.one;
  place_patch();
  let safe = min(column, p.co - V);
  for (var r = 0; r < p.blockRows; r++) {
    let tap = r / p.depth;
    let at = p.w0 + tap / p.kw * p.wy + tap % p.kw * p.wx + r % p.depth * p.wk + safe * p.wc;
    var c: Col;
    for (var i = 0; i < V; i++) { c[i] = select(0.0, weight[at + i * p.wc], tap < p.kh * p.kw); }
    block[r] = c;
  }
  for (var r = rows.x; r < rows.y; r++) {
    let image = r / p.ho;
    let row = r % p.ho;
    for (var ox = 0; ox < p.wo; ox++) {
      for (var i = 0; i < SUMS; i++) { acc[i] = Col(); }
      feed(patch_at(image, row * p.sh - p.ph, ox * p.sw - p.pw), 0, one);
      var sum = acc[0];
      for (var i = 1; i < SUMS; i++) { sum += acc[i]; }
      put(image * p.yn + row * p.yh, ox, sum, p.fresh == 1);
    }
  }
}
