// Weight gradient of a convolution for GPUs: the product of inputs, transposed, by output gradients, over all output pixels. A workgroup makes a tile of 64 (tap, input
// channel) rows × 64 output channels from its share of the pixels, 16 at a time through workgroup memory, 8 rows × 4 channels a thread, and writes it
// to its own plane; conv_sum adds the planes in a fixed order. ci and co are multiples of 4. Grid: row tiles × channel tiles × splits.
const BM = 64;
const BN = 64;
const BK = 16;
const THREADS = 128;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;
struct Params {
  h: i32, w: i32, ci: i32, ho: i32,
  wo: i32, co: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, ph: i32, pw: i32,
  dh: i32, dw: i32,
  pixels: i32, // of the output, in all images, shared out among
  splits: i32,
}
@group(0) @binding(3) var<uniform> p: Params;

var<workgroup> inputs: array<vec4f, BK * BM / 4>;
var<workgroup> slopes: array<vec4f, BK * BN / 4>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let rows = p.kh * p.kw * p.ci;
  let quad = thread % 16;
  let column = i32(wid.y) * BN;

  // The four channels of one tap that this thread loads from every eighth pixel.
  let m = i32(wid.x) * BM + quad * 4;
  let tap = m / p.ci;
  let down = tap / p.kw * p.dh - p.ph;
  let right = tap % p.kw * p.dw - p.pw;
  let channel = m % p.ci;
  let o = column + quad * 4;

  let split = i32(wid.z);
  let share = (p.pixels + p.splits - 1) / p.splits;
  let start = split * share;
  let end = min(start + share, p.pixels);
  let row = thread / 16 * 8;
  var acc: array<vec4f, 8>;
  for (var k0 = start; k0 < end; k0 += BK) {
    for (var i = 0; i < BK / 8; i++) {
      let k = thread / 16 + i * 8;
      let pixel = k0 + k;
      let iy = pixel / p.wo % p.ho * p.sh + down;
      let ix = pixel % p.wo * p.sw + right;
      var v = vec4f();
      var g = vec4f();
      if (pixel < end) {
        if (m < rows && iy >= 0 && iy < p.h && ix >= 0 && ix < p.w) {
          v = x[(((pixel / (p.ho * p.wo) * p.h + iy) * p.w + ix) * p.ci + channel) / 4];
        }
        if (o < p.co) { g = dy[(pixel * p.co + o) / 4]; }
      }
      inputs[k * (BM / 4) + quad] = v;
      slopes[k * (BN / 4) + quad] = g;
    }
    workgroupBarrier();
    for (var j = 0; j < BK; j++) {
      let g = slopes[j * (BN / 4) + quad];
      let a = inputs[j * (BM / 4) + row / 4];
      let b = inputs[j * (BM / 4) + row / 4 + 1];
      acc[0] += a.x * g;
      acc[1] += a.y * g;
      acc[2] += a.z * g;
      acc[3] += a.w * g;
      acc[4] += b.x * g;
      acc[5] += b.y * g;
      acc[6] += b.z * g;
      acc[7] += b.w * g;
    }
    workgroupBarrier();
  }
  if (o >= p.co) { return; }
  for (var i = 0; i < 8; i++) {
    let r = i32(wid.x) * BM + row + i;
    if (r < rows) { partial[((split * rows + r) * p.co + o) / 4] = acc[i]; }
  }
}
