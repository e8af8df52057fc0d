// Convolution for GPUs: implicit matrix multiplication of pixels (rows) by weights, for the forward direction and each phase of a data gradient. A workgroup makes a
// tile of BM pixels × BN output channels, 16 values of (tap, channel) at a time through workgroup memory, 8 pixels × 4 channels a thread.
// The weight is [taps, ci, co] with co contiguous; ci and co are multiples of 4. Grid: pixel tiles (x, y folded) × channel tiles (z).
// Constants: BM, BN (multiples of 8 and 4), THREADS = BM·BN/32.
// variant: {"constants": {"BM": 64, "BN": 32, "THREADS": 64}}
// variant: {"constants": {"BM": 128, "BN": 64, "THREADS": 256}}
const BK = 16;
const STRIDE = BM + 2; // two more words a row: the four values that a thread writes fall into different banks

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
// The window of src/tensor/kernels/conv-window.ts; wk and wc are not used.
struct Params {
  h: i32, w: i32, ci: i32, ho: i32,
  wo: i32, co: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, ph: i32, pw: i32,
  dh: i32, dw: i32, w0: i32, wy: i32,
  wx: i32, wk: i32, wc: i32, y0: i32,
  yn: i32, yh: i32, yw: i32,
  pixels: i32, // of the output, in all images
}
@group(0) @binding(3) var<uniform> p: Params;

var<workgroup> inputs: array<f32, BK * STRIDE>;
var<workgroup> weights: array<vec4f, BK * BN / 4>;

/// Pixels of a tile that a thread loads: four threads share a pixel, with four channels each.
const LOADS = BM * 4 / THREADS;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let first = i32(wid.y * groups.x + wid.x) * BM;
  let column = i32(wid.z) * BN;
  let quad = thread % 4;

  // Where this thread's pixels begin in the input.
  var base: array<i32, LOADS>;
  var top: array<i32, LOADS>;
  var left: array<i32, LOADS>;
  for (var i = 0; i < LOADS; i++) {
    let pixel = min(first + thread / 4 + i * (THREADS / 4), p.pixels - 1);
    base[i] = pixel / (p.ho * p.wo) * p.h;
    top[i] = pixel / p.wo % p.ho * p.sh - p.ph;
    left[i] = pixel % p.wo * p.sw - p.pw;
  }

  let row = thread / (BN / 4) * 8;
  let lane = thread % (BN / 4);
  var acc: array<vec4f, 8>;
  let depth = p.kh * p.kw * p.ci;
  for (var k0 = 0; k0 < depth; k0 += BK) {
    let k = k0 + quad * 4;
    let tap = k / p.ci;
    let a = tap / p.kw;
    let b = tap % p.kw;
    for (var i = 0; i < LOADS; i++) {
      let iy = top[i] + a * p.dh;
      let ix = left[i] + b * p.dw;
      var v = vec4f();
      if (k < depth && iy >= 0 && iy < p.h && ix >= 0 && ix < p.w) {
        v = x[(((base[i] + iy) * p.w + ix) * p.ci + k % p.ci) / 4];
      }
      let m = thread / 4 + i * (THREADS / 4);
      inputs[quad * 4 * STRIDE + m] = v.x;
      inputs[(quad * 4 + 1) * STRIDE + m] = v.y;
      inputs[(quad * 4 + 2) * STRIDE + m] = v.z;
      inputs[(quad * 4 + 3) * STRIDE + m] = v.w;
    }
    for (var at = thread; at < BK * BN / 4; at += THREADS) {
      let j = k0 + at / (BN / 4);
      let o = column + at % (BN / 4) * 4;
      let t = j / p.ci;
      var v = vec4f();
      if (j < depth && o < p.co) {
        v = weight[(p.w0 + t / p.kw * p.wy + t % p.kw * p.wx + j % p.ci * p.co + o) / 4];
      }
      weights[at] = v;
    }
    workgroupBarrier();
    for (var j = 0; j < BK; j++) {
      let v = weights[j * (BN / 4) + lane];
      for (var i = 0; i < 8; i++) { acc[i] += inputs[j * STRIDE + row + i] * v; }
    }
    workgroupBarrier();
  }

  let o = column + lane * 4;
  if (o >= p.co) { return; }
  for (var i = 0; i < 8; i++) {
    let pixel = first + row + i;
    if (pixel < p.pixels) {
      let at = p.y0 + pixel / (p.ho * p.wo) * p.yn + pixel / p.wo % p.ho * p.yh + pixel % p.wo * p.yw;
      y[(at * p.co + o) / 4] = acc[i];
    }
  }
}
