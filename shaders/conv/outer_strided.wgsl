// Weight gradient of a convolution, stationary form, for kernels three wide with horizontal stride 2 and dilation 1: an output column meets three input
// columns, and two neighbors share one of them. Grid, constants and types: those of conv/outer_sums; TX is 3.
// variant: {"constants": {"V": 4, "W": 2, "TX": 3}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 3}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec4f"}}
enable subgroups;
// include conv/outer_sums

// The input columns under two neighboring output columns, and these columns' gradients.
var<private> v: array<In, 5>;
var<private> g: array<Col, 2>;

fn spread(v0: In, v1: In, v2: In, v3: In, v4: In, k: i32) {
  for (var i = 0; i < W; i++) {
    acc0[k + i] += v0[i] * g[0] + v2[i] * g[1];
    acc1[k + i] += v1[i] * g[0] + v3[i] * g[1];
    acc2[k + i] += v2[i] * g[0] + v4[i] * g[1];
  }
}

/// Runs once, in a loop of its own: LLVM schedules longer blocks badly.
fn feed(a: In, b: In, c: In, d: In, e: In, one: i32) {
  loop {
    spread(subgroupBroadcast(a, 0u), subgroupBroadcast(b, 0u), subgroupBroadcast(c, 0u), subgroupBroadcast(d, 0u), subgroupBroadcast(e, 0u), 0 * W);
    spread(subgroupBroadcast(a, 1u), subgroupBroadcast(b, 1u), subgroupBroadcast(c, 1u), subgroupBroadcast(d, 1u), subgroupBroadcast(e, 1u), 1 * W);
    spread(subgroupBroadcast(a, 2u), subgroupBroadcast(b, 2u), subgroupBroadcast(c, 2u), subgroupBroadcast(d, 2u), subgroupBroadcast(e, 2u), 2 * W);
    spread(subgroupBroadcast(a, 3u), subgroupBroadcast(b, 3u), subgroupBroadcast(c, 3u), subgroupBroadcast(d, 3u), subgroupBroadcast(e, 3u), 3 * W);
    spread(subgroupBroadcast(a, 4u), subgroupBroadcast(b, 4u), subgroupBroadcast(c, 4u), subgroupBroadcast(d, 4u), subgroupBroadcast(e, 4u), 4 * W);
    spread(subgroupBroadcast(a, 5u), subgroupBroadcast(b, 5u), subgroupBroadcast(c, 5u), subgroupBroadcast(d, 5u), subgroupBroadcast(e, 5u), 5 * W);
    spread(subgroupBroadcast(a, 6u), subgroupBroadcast(b, 6u), subgroupBroadcast(c, 6u), subgroupBroadcast(d, 6u), subgroupBroadcast(e, 6u), 6 * W);
    spread(subgroupBroadcast(a, 7u), subgroupBroadcast(b, 7u), subgroupBroadcast(c, 7u), subgroupBroadcast(d, 7u), subgroupBroadcast(e, 7u), 7 * W);
    continuing { break if one == 1; }
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) index: u32) {
  let column = enter(wid, index);
  let channel = i32(wid.y) * C;
  let one = p.one;
  let split = i32(wid.z) % p.splits;
  let ky = i32(wid.z) / p.splits;
  clear();
  var met = 0;
  var adds = false;
  for (var r = split * p.rows / p.splits; r < (split + 1) * p.rows / p.splits; r++) {
    let iy = r % p.ho * p.sh - p.ph + ky * p.dh;
    if (iy < 0 || iy >= p.h) { continue; }
    let row = (r / p.ho * p.h + iy) * p.w;
    v[4] = pixel(row, -p.pw, channel);
    for (var ox = 0; ox < p.wo; ox += 2) {
      let ix = ox * 2 - p.pw;
      v[0] = v[4];
      v[1] = pixel(row, ix + 1, channel);
      v[2] = pixel(row, ix + 2, channel);
      v[3] = pixel(row, ix + 3, channel);
      v[4] = pixel(row, ix + 4, channel);
      g[0] = dy_at(r, ox);
      g[1] = dy_at(r, ox + 1);
      feed(v[0], v[1], v[2], v[3], v[4], one);
      met += 2;
      if (met >= RUN) {
        keep(split, p.kh * 3, ky * 3, channel, column, adds);
        clear();
        adds = true;
        met = 0;
      }
    }
  }
  keep(split, p.kh * 3, ky * 3, channel, column, adds);
}
