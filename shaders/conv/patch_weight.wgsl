// Weight gradient of a convolution, stationary form, for inputs of few channels: the patch under an output pixel meets that pixel's gradient, so all taps and
// channels are one block. Writes [splits, C, co], of which the first taps · channels rows count.
// Grid: column blocks of 8·V × 1 × splits. Constants and types: those of conv/outer_sums, with Stored = f32 and TX = 1.
// variant: {"constants": {"V": 2, "W": 4, "TX": 1}, "types": {"In": "vec4f", "Stored": "f32", "Col": "vec2f"}}
// variant: {"constants": {"V": 4, "W": 2, "TX": 1}, "types": {"In": "vec2f", "Stored": "f32", "Col": "vec4f"}}
enable subgroups;
// include conv/outer_sums
// include conv/patch_lanes

fn spread(v0: In, v1: In, g0: Col, g1: Col, k: i32) {
  for (var i = 0; i < W; i++) { acc0[k + i] += v0[i] * g0 + v1[i] * g1; }
}

/// Runs once, in a loop of its own: LLVM schedules longer blocks badly.
fn feed(v0: In, v1: In, g0: Col, g1: Col, one: i32) {
  loop {
    spread(subgroupBroadcast(v0, 0u), subgroupBroadcast(v1, 0u), g0, g1, 0);
    spread(subgroupBroadcast(v0, 1u), subgroupBroadcast(v1, 1u), g0, g1, W);
    spread(subgroupBroadcast(v0, 2u), subgroupBroadcast(v1, 2u), g0, g1, 2 * W);
    spread(subgroupBroadcast(v0, 3u), subgroupBroadcast(v1, 3u), g0, g1, 3 * W);
    spread(subgroupBroadcast(v0, 4u), subgroupBroadcast(v1, 4u), g0, g1, 4 * W);
    spread(subgroupBroadcast(v0, 5u), subgroupBroadcast(v1, 5u), g0, g1, 5 * W);
    spread(subgroupBroadcast(v0, 6u), subgroupBroadcast(v1, 6u), g0, g1, 6 * W);
    spread(subgroupBroadcast(v0, 7u), subgroupBroadcast(v1, 7u), g0, g1, 7 * W);
    continuing { break if one == 1; }
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) index: u32) {
  let column = enter(wid, index);
  let one = p.one;
  let split = i32(wid.z);
  place_patch();
  clear();
  var met = 0;
  var adds = false;
  for (var r = split * p.rows / p.splits; r < (split + 1) * p.rows / p.splits; r++) {
    let image = r / p.ho;
    let iy = r % p.ho * p.sh - p.ph;
    for (var ox = 0; ox < p.wo; ox += 2) {
      let ix = ox * p.sw - p.pw;
      feed(patch_at(image, iy, ix), patch_at(image, iy, ix + p.sw), dy_at(r, ox), dy_at(r, ox + 1), one);
      met += 2;
      if (met >= RUN) {
        keep(split, 1, 0, 0, column, adds);
        clear();
        adds = true;
        met = 0;
      }
    }
  }
  keep(split, 1, 0, 0, column, adds);
}
