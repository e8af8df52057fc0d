// Include, no kernel: what the stationary convolution kernels share, the form that software adapters with 8-lane subgroups run well. One workgroup is one subgroup. A block of
// the weights, TY×TX taps × C channels by 8·V output channels, stands in function-scope memory and is read with constant indices only. Pixels
// pass by one at a time: the lanes load C channels together, and each value is broadcast to meet the V columns of every lane.
// Constants: V columns a lane (2, 4), W channels a lane (2, 4), TY×TX taps a block. Types: In, Col, vectors of W and V; Stored, how x is read.
const C = 8 * W;

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<Col>;
struct Params {
// include conv/window
  // How the work is cut:
  rows: i32, // output rows of all images, shared out among
  splits: i32, // workgroups for each column block
  depth: i32, // channels of the weight: ci may be padded beyond them with zeros
  fresh: i32, // 1: the first block overwrites the output; 0: it holds zeros already
  blockRows: i32, // TY·TX·C, in the uniform so that the loop which fills the block is not unrolled
  one: i32, // 1, which the compiler must not know
}
@group(0) @binding(3) var<uniform> p: Params;

var<private> block: array<Col, TY * TX * C>;
var<private> lane: i32;
var<private> column: i32;

/// To be called first: the rows of output that this workgroup makes, from x to before y.
fn enter(wid: vec3u, index: u32) -> vec2i {
  lane = i32(index);
  column = (i32(wid.x) * 8 + lane) * V;
  return vec2i(i32(wid.y), i32(wid.y) + 1) * p.rows / p.splits;
}

/// The block from tap (ky, kx) and channel `channel` on.
fn fill(ky: i32, kx: i32, channel: i32) {
  let safe = min(column, p.co - V);
  for (var r = 0; r < p.blockRows; r++) {
    let tap = r / C;
    let k = min(channel + r % C, p.depth - 1);
    let at = p.w0 + (ky + tap / TX) * p.wy + (kx + tap % TX) * p.wx + k * p.wk + safe * p.wc;
    var c: Col;
    for (var i = 0; i < V; i++) { c[i] = weight[at + i * p.wc]; }
    block[r] = c;
  }
}

/// C channels of one pixel, W in each lane.
fn load(pixel: i32, channel: i32) -> In { return In(x[(pixel * p.ci + channel) / W + lane]); }

/// The first pixel of an input row, clamped into the image.
fn line(image: i32, iy: i32) -> i32 { return (image * p.h + clamp(iy, 0, p.h - 1)) * p.w; }

fn put(row: i32, ox: i32, value: Col, first: bool) {
  if (column >= p.co) { return; }
  let at = ((p.y0 + row + ox * p.yw) * p.co + column) / V;
  var before = Col();
  if (!first) { before = y[at]; }
  y[at] = before + value;
}

fn spread(v: In, k: i32, tap: i32) {
  for (var i = 0; i < W; i++) { multiply(v[i], k + i, tap); }
}

/// All C channels of a pixel at one tap. Runs once, but in a loop of its own: in a longer block LLVM moves all products before all sums and
/// spills them, which cost a third of the speed; so does reading p.one here and not once at the start.
fn feed(v: In, tap: i32, one: i32) {
  loop {
    spread(subgroupBroadcast(v, 0u), 0, tap);
    spread(subgroupBroadcast(v, 1u), W, tap);
    spread(subgroupBroadcast(v, 2u), 2 * W, tap);
    spread(subgroupBroadcast(v, 3u), 3 * W, tap);
    spread(subgroupBroadcast(v, 4u), 4 * W, tap);
    spread(subgroupBroadcast(v, 5u), 5 * W, tap);
    spread(subgroupBroadcast(v, 6u), 6 * W, tap);
    spread(subgroupBroadcast(v, 7u), 7 * W, tap);
    continuing { break if one == 1; }
  }
}
