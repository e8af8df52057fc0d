// Weight gradient of a convolution, stationary form, for horizontal stride and dilation 1 (TX = 3: input column i meets output columns i + pw, i + pw − 1 and
// i + pw − 2), or one tap at a time (TX = 1). Grid, constants and types: those of conv/outer_sums.
// variant: {"constants": {"V": 2, "W": 2, "TX": 3}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec2f"}}
// variant: {"constants": {"V": 2, "W": 4, "TX": 3}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec2f"}}
// variant: {"constants": {"V": 4, "W": 2, "TX": 1}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 3}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec4f"}}
enable subgroups;
// include conv/outer_sums

// Gradients of the output columns in reach: those of the first pixel's taps from the last to the first, then one for the second pixel.
var<private> g: array<Col, TX + 1>;

fn spread(v0: In, v1: In, k: i32) {
  for (var i = 0; i < W; i++) {
    acc0[k + i] += v0[i] * g[TX - 1] + v1[i] * g[TX];
    if (TX > 1) { acc1[k + i] += v0[i] * g[max(TX - 2, 0)] + v1[i] * g[TX - 1]; }
    if (TX > 2) { acc2[k + i] += v0[i] * g[max(TX - 3, 0)] + v1[i] * g[max(TX - 2, 0)]; }
  }
}

/// Runs once, in a loop of its own: LLVM schedules longer blocks badly.
fn feed(v0: In, v1: In, one: i32) {
  loop {
    spread(subgroupBroadcast(v0, 0u), subgroupBroadcast(v1, 0u), 0);
    spread(subgroupBroadcast(v0, 1u), subgroupBroadcast(v1, 1u), W);
    spread(subgroupBroadcast(v0, 2u), subgroupBroadcast(v1, 2u), 2 * W);
    spread(subgroupBroadcast(v0, 3u), subgroupBroadcast(v1, 3u), 3 * W);
    spread(subgroupBroadcast(v0, 4u), subgroupBroadcast(v1, 4u), 4 * W);
    spread(subgroupBroadcast(v0, 5u), subgroupBroadcast(v1, 5u), 5 * W);
    spread(subgroupBroadcast(v0, 6u), subgroupBroadcast(v1, 6u), 6 * W);
    spread(subgroupBroadcast(v0, 7u), subgroupBroadcast(v1, 7u), 7 * W);
    continuing { break if one == 1; }
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) index: u32) {
  let column = enter(wid, index);
  let channel = i32(wid.y) * C;
  let one = p.one;
  let split = i32(wid.z) % p.splits;
  let tap = i32(wid.z) / p.splits * TX;
  let ky = tap / p.kw;
  // Pixel i of the walk is input column i·step + x0, and meets output column i + o0 through the first tap.
  let step = select(p.sw, 1, TX > 1);
  let x0 = select(tap % p.kw * p.dw - p.pw, 0, TX > 1);
  let o0 = select(0, p.pw, TX > 1);
  let count = select(p.wo, p.w, TX > 1);
  clear();
  var met = 0;
  var adds = false;
  for (var r = split * p.rows / p.splits; r < (split + 1) * p.rows / p.splits; r++) {
    let iy = r % p.ho * p.sh - p.ph + ky * p.dh;
    if (iy < 0 || iy >= p.h) { continue; }
    let row = (r / p.ho * p.h + iy) * p.w;
    for (var i = 0; i < TX - 1; i++) { g[i] = dy_at(r, o0 - TX + 1 + i); }
    for (var i = 0; i < count; i += 2) {
      g[TX - 1] = dy_at(r, i + o0);
      g[TX] = dy_at(r, i + o0 + 1);
      feed(pixel(row, i * step + x0, channel), pixel(row, (i + 1) * step + x0, channel), one);
      for (var j = 0; j < TX - 1; j++) { g[j] = g[j + 2]; }
      met += 2;
      if (met >= RUN) {
        keep(split, p.kh * p.kw, tap, channel, column, adds);
        clear();
        adds = true;
        met = 0;
      }
    }
  }
  keep(split, p.kh * p.kw, tap, channel, column, adds);
}
