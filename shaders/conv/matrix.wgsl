// Convolution on matrix units, for the forward direction and each phase of a data gradient: implicit matrix multiplication of pixels (rows) by weights, k running over
// (tap, channel). The input is [images, h, w, ci], the output has co channels, both multiples of WIDTH. The weight of an input channel c and output channel o
// is at RIGHT_DEEP: w0 + a·wy + b·wx + c + o·wc for tap (a, b); otherwise: k·co + o. Grid: grid1d(pixel tiles × channel tiles), the latter next to each other,
// since they read the same pixels. Constants: matmul/matrix_tile, LEFT_DEEP true. Types: Load (vec4u or vec2u, eight or four halves), Out (vec4h or vec4f).
// variant: {"constants": {"M": 16, "N": 16, "K": 16, "LANES": 32, "UM": 4, "UN": 2, "SM": 2, "SN": 2, "BK": 16, "LEFT_DEEP": true, "RIGHT_DEEP": false, "WIDTH": 8}, "types": {"Load": "vec4u", "Out": "vec4h"}}
// variant: {"constants": {"M": 16, "N": 16, "K": 16, "LANES": 32, "UM": 2, "UN": 2, "SM": 2, "SN": 2, "BK": 32, "LEFT_DEEP": true, "RIGHT_DEEP": true, "WIDTH": 4}, "types": {"Load": "vec2u", "Out": "vec4h"}}
// variant: {"constants": {"M": 16, "N": 8, "K": 16, "LANES": 32, "UM": 2, "UN": 4, "SM": 2, "SN": 2, "BK": 32, "LEFT_DEEP": true, "RIGHT_DEEP": false, "WIDTH": 4}, "types": {"Load": "vec2u", "Out": "vec4h"}}
// variant: {"constants": {"M": 8, "N": 8, "K": 8, "LANES": 32, "UM": 4, "UN": 4, "SM": 2, "SN": 2, "BK": 32, "LEFT_DEEP": true, "RIGHT_DEEP": true, "WIDTH": 8}, "types": {"Load": "vec4u", "Out": "vec4h"}}
// variant: {"constants": {"M": 8, "N": 8, "K": 8, "LANES": 8, "UM": 2, "UN": 1, "SM": 1, "SN": 2, "BK": 16, "LEFT_DEEP": true, "RIGHT_DEEP": true, "WIDTH": 4}, "types": {"Load": "vec2u", "Out": "vec4h"}, "includes": {"matmul/matrix_unit":"matmul/matrix_emulated"}}
// include matmul/matrix_tile
// include matmul/matrix_unit
@group(0) @binding(0) var<storage, read> x: array<Load>;
@group(0) @binding(1) var<storage, read> weight: array<Load>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
struct Params {
// include conv/window
  pixels: i32, // of the output, in all images
}
@group(0) @binding(3) var<uniform> p: Params;

/// Four or eight k's side by side: tap (a, b), channels from c on, and what they add to the index of a pixel and of an output channel.
struct Tap {
  a: i32,
  b: i32,
  c: i32,
  there: bool,
  down: i32,
  aside: i32,
  input: i32,
  weight: i32,
}

/// Where this thread's pixels begin in the input; far outside for those behind the last.
var<private> top: array<i32, LEFT_SLOTS>;
var<private> side: array<i32, LEFT_SLOTS>;
var<private> origin: array<i32, LEFT_SLOTS>;
var<private> first: i32;
var<private> column0: i32;
var<private> depth: i32;
var<private> k0: i32;
var<private> low: Tap;
var<private> high: Tap;
/// The tap and channel at BK.
var<private> further: Tap;
/// Do all columns of the tile exist, and all k's of the step?
var<private> interior: bool;
var<private> whole: bool;

fn tap_of(k: i32, a: i32, b: i32, c: i32) -> Tap {
  let down = a * p.dh;
  let aside = b * p.dw;
  return Tap(a, b, c, k < depth, down, aside, (down * p.w + aside) * p.ci + c, p.w0 + a * p.wy + b * p.wx + c);
}

fn tap_at(k: i32) -> Tap {
  let tap = k / p.ci;
  return tap_of(k, tap / p.kw, tap % p.kw, k % p.ci);
}

/// The tap BK further on, at k: divisions by sizes are slow, sums with carries are not.
fn tap_after(tap: Tap, k: i32) -> Tap {
  var a = tap.a + further.a;
  var b = tap.b + further.b;
  var c = tap.c + further.c;
  if (c >= p.ci) {
    c -= p.ci;
    b += 1;
  }
  if (b >= p.kw) {
    b -= p.kw;
    a += 1;
  }
  return tap_of(k, a, b, c);
}

fn aim(step: u32) {
  k0 = i32(step) * BK;
  whole = interior && k0 + BK <= depth;
  let k = k0 + i32(left_position(0u).y); // that of all slots, since a row's slots divide the threads
  if (step == 0u) {
    further = tap_at(BK);
    low = tap_at(k);
    high = tap_at(k + 4);
  } else {
    low = tap_after(low, k);
    high = tap_after(high, k + 4);
  }
}

/// Is the pixel of slot i under this tap, and not in the padding?
fn in_image(i: u32, tap: Tap) -> bool {
  return tap.there & (u32(top[i] + tap.down) < u32(p.h)) & (u32(side[i] + tap.aside) < u32(p.w));
}

fn left_slot(i: u32) -> vec4u {
  let at = origin[i];
  return halves(&x, vec2u(u32(at + low.input), u32(at + high.input)), vec2<bool>(in_image(i, low), WIDTH == 4 && in_image(i, high)));
}

fn right_slot(i: u32) -> vec4u {
  let position = vec2i(right_position(i));
  let o = column0 + position.x;
  if (RIGHT_DEEP) {
    let at = o * p.wc;
    let there = o < p.co;
    return halves(&weight, vec2u(u32(at + low.weight), u32(at + high.weight)), vec2<bool>(whole || (there && low.there), whole || (there && high.there)));
  }
  let k = k0 + position.y;
  let at = u32(k * p.co + o);
  return halves(&weight, vec2u(at, at + 4u), vec2<bool>(whole || (k < depth && o < p.co), whole || (k < depth && o + 4 < p.co)));
}

fn put(row: u32, column: u32, sums: vec4f) {
  let pixel = first + i32(row);
  let o = column0 + i32(column);
  if (pixel >= p.pixels || o >= p.co) { return; }
  var at = pixel;
  // Every pixel of every image in order, unless this is one phase of several.
  if (p.yw != 1 || p.yh != p.wo || p.yn != p.ho * p.wo || p.y0 != 0) {
    let line = pixel / p.wo;
    let image = line / p.ho;
    at = p.y0 + image * p.yn + (line - image * p.ho) * p.yh + (pixel - line * p.wo) * p.yw;
  }
  y[(at * p.co + o) / 4] = Out(sums);
}

@compute @workgroup_size(THREADS) @subgroup_size(LANES)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) own: u32,
  @builtin(subgroup_invocation_id) at: u32,
) {
  let across = (p.co + BN - 1) / BN;
  let tile = i32(wid.y * groups.x + wid.x);
  if (tile >= (p.pixels + BM - 1) / BM * across) { return; }
  enter(groups, index, own, at);
  first = tile / across * BM;
  column0 = tile % across * BN;
  depth = p.kh * p.kw * p.ci;
  interior = column0 + BN <= p.co;
  for (var i = 0u; i < LEFT_SLOTS; i++) {
    let pixel = first + i32(left_position(i).x);
    let line = pixel / p.wo;
    let image = line / p.ho;
    top[i] = select(-0x40000000, (line - image * p.ho) * p.sh - p.ph, pixel < p.pixels);
    side[i] = (pixel - line * p.wo) * p.sw - p.pw;
    origin[i] = ((image * p.h + top[i]) * p.w + side[i]) * p.ci;
  }
  let steps = u32((p.kh * p.kw * p.ci + BK - 1) / BK); // from uniforms alone, as barriers ask
// include matmul/matrix_loop
}
