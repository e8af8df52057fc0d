// Weight gradient of a convolution, stationary form: TX·C×8·V sums stand in function-scope memory, read and written with constant indices only, while two pixels at
// a time pass by: the lanes hold V columns of the output's gradient, and the C input channels of a pixel are broadcast to meet them.
// With TX = 3 (horizontal stride and dilation 1) input column i meets output columns i + o0, i + o0 − 1 and i + o0 − 2; with TX = 1 output column
// i meets input column i·xs + x0 + kx·dw. Every split of the rows writes its own plane of sums; conv_sum adds the planes in a fixed order.
// Grid: column blocks of 8·V × channel blocks of C × (kh·kw/TX · splits). Constants: V, W, TX. Types: In, Col, vectors of W and V.
// variant: {"constants": {"V": 2, "W": 2, "TX": 3}, "types": {"In": "vec2f", "Col": "vec2f"}}
// variant: {"constants": {"V": 2, "W": 4, "TX": 3}, "types": {"In": "vec4f", "Col": "vec2f"}}
// variant: {"constants": {"V": 4, "W": 2, "TX": 1}, "types": {"In": "vec2f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 3}, "types": {"In": "vec4f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 1}, "types": {"In": "vec4f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 2, "TX": 3}, "types": {"In": "vec2f", "Col": "vec4f"}}
enable subgroups;
const C = 8 * W;

@group(0) @binding(0) var<storage, read> x: array<In>;
@group(0) @binding(1) var<storage, read> dy: array<Col>;
@group(0) @binding(2) var<storage, read_write> partial: array<Col>;
struct Params {
  h: i32, w: i32, ci: i32, ho: i32,
  wo: i32, co: i32, kh: i32, kw: i32,
  sh: i32, ph: i32, dh: i32, dw: i32,
  xs: i32, x0: i32, o0: i32, count: i32,
  rows: i32, splits: i32,
  channels: i32, // C, in the uniform so that loops over it are not unrolled
  one: i32, // 1, which the compiler must not know
}
@group(0) @binding(3) var<uniform> p: Params;

// One array a tap: LLVM's time grows with the square of the accesses to an array.
var<private> acc0: array<Col, C>;
var<private> acc1: array<Col, C>;
var<private> acc2: array<Col, C>;
// Gradients of the output columns in reach: those of the first pixel's taps from the last to the first, then one for the second pixel.
var<private> g: array<Col, TX + 1>;
var<private> lane: i32;
var<private> safe: i32;

fn spread(v0: In, v1: In, k: i32) {
  for (var i = 0; i < W; i++) {
    acc0[k + i] += v0[i] * g[TX - 1] + v1[i] * g[TX];
    if (TX > 1) { acc1[k + i] += v0[i] * g[max(TX - 2, 0)] + v1[i] * g[TX - 1]; }
    if (TX > 2) { acc2[k + i] += v0[i] * g[max(TX - 3, 0)] + v1[i] * g[max(TX - 2, 0)]; }
  }
}

fn pixel(row: i32, ix: i32, channel: i32) -> In {
  return select(In(), x[((row + clamp(ix, 0, p.w - 1)) * p.ci + channel) / W + lane], ix >= 0 && ix < p.w);
}

fn slope(r: i32, ox: i32) -> Col {
  return select(Col(), dy[((r * p.wo + clamp(ox, 0, p.wo - 1)) * p.co + safe) / V], ox >= 0 && ox < p.wo);
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
  lane = i32(index);
  let column = (i32(wid.x) * 8 + lane) * V;
  safe = min(column, p.co - V);
  let channel = i32(wid.y) * C;
  let one = p.one;
  let split = i32(wid.z) % p.splits;
  let tap = i32(wid.z) / p.splits * TX;
  let ky = tap / p.kw;
  let x0 = p.x0 + tap % p.kw * p.dw;
  for (var k = 0; k < p.channels; k++) {
    acc0[k] = Col();
    acc1[k] = Col();
    acc2[k] = Col();
  }
  for (var r = split * p.rows / p.splits; r < (split + 1) * p.rows / p.splits; r++) {
    let iy = r % p.ho * p.sh - p.ph + ky * p.dh;
    if (iy < 0 || iy >= p.h) { continue; }
    let row = (r / p.ho * p.h + iy) * p.w;
    for (var i = 0; i < TX - 1; i++) { g[i] = slope(r, p.o0 - TX + 1 + i); }
    for (var i = 0; i < p.count; i += 2) {
      g[TX - 1] = slope(r, i + p.o0);
      g[TX] = slope(r, i + p.o0 + 1);
      feed(pixel(row, i * p.xs + x0, channel), pixel(row, (i + 1) * p.xs + x0, channel), one);
      for (var j = 0; j < TX - 1; j++) { g[j] = g[j + 2]; }
    }
  }
  if (column >= p.co) { return; }
  for (var k = 0; k < p.channels; k++) {
    let at = (((split * p.kh * p.kw + tap) * p.ci + channel + k) * p.co + column) / V;
    let step = p.ci * p.co / V;
    partial[at] = acc0[k];
    if (TX > 1) { partial[at + step] = acc1[k]; }
    if (TX > 2) { partial[at + 2 * step] = acc2[k]; }
  }
}
