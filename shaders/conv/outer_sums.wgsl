// Include, no kernel: what the stationary weight gradients share. TX·C×8·V sums stand in function-scope memory, read and written with constant indices only, while two pixels at
// a time pass by: the lanes hold V columns of the output's gradient, and the C input channels of a pixel are broadcast to meet them. Every split of the
// rows writes its own plane of sums; conv/sum adds the planes in a fixed order.
// Grid: column blocks of 8·V × channel blocks of C × (taps/TX · splits). Constants: V, W, TX. Types: In, Col, vectors of W and V; Stored, how x is read.
const C = 8 * W;

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> dy: array<Col>;
@group(0) @binding(2) var<storage, read_write> partial: array<Col>;
struct Params {
// include conv/sizes
  rows: i32, splits: i32,
  depth: i32, // channels of x, where they are not blocks of C
  channels: i32, // C, in the uniform so that loops over it are not unrolled
  one: i32, // 1, which the compiler must not know
}
@group(0) @binding(3) var<uniform> p: Params;

// One array a tap: LLVM's time grows with the square of the accesses to an array.
var<private> acc0: array<Col, C>;
var<private> acc1: array<Col, C>;
var<private> acc2: array<Col, C>;
var<private> lane: i32;
var<private> safe: i32;

/// To be called first: the first of the output channels that this lane sums for.
fn enter(wid: vec3u, index: u32) -> i32 {
  lane = i32(index);
  let column = (i32(wid.x) * 8 + lane) * V;
  safe = min(column, p.co - V);
  return column;
}

fn pixel(row: i32, ix: i32, channel: i32) -> In {
  return select(In(), In(x[((row + clamp(ix, 0, p.w - 1)) * p.ci + channel) / W + lane]), ix >= 0 && ix < p.w);
}

fn dy_at(r: i32, ox: i32) -> Col {
  return select(Col(), dy[((r * p.wo + clamp(ox, 0, p.wo - 1)) * p.co + safe) / V], ox >= 0 && ox < p.wo);
}

/// Pixels after which the sums go to the split's plane, so that no row of additions is long: what f32 loses grows with that.
const RUN = 64;

fn clear() {
  for (var k = 0; k < p.channels; k++) {
    acc0[k] = Col();
    acc1[k] = Col();
    acc2[k] = Col();
  }
}

fn before_at(i: i32, adds: bool) -> Col { return select(Col(), partial[i], adds); }

/// The sums of taps `tap` to `tap` + TX − 1 of `taps`, channels from `channel` on, into the plane, or with `adds` to what is there.
fn keep(split: i32, taps: i32, tap: i32, channel: i32, column: i32, adds: bool) {
  if (column >= p.co) { return; }
  for (var k = 0; k < p.channels; k++) {
    let at = (((split * taps + tap) * p.ci + channel + k) * p.co + column) / V;
    let step = p.ci * p.co / V;
    partial[at] = before_at(at, adds) + acc0[k];
    if (TX > 1) { partial[at + step] = before_at(at + step, adds) + acc1[k]; }
    if (TX > 2) { partial[at + 2 * step] = before_at(at + 2 * step, adds) + acc2[k]; }
  }
}
