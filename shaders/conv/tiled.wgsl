// Convolution for GPUs: implicit matrix multiplication of pixels (rows) by weights, for the forward direction and each phase of a data gradient, in tiles of
// matmul/vector_tile. Depth runs over taps and, inside, channels; while a step of it is multiplied, the next one's loads wait in registers as they are stored.
// The window's weight is [taps, ci, co], taps in the window's order; ci and co are multiples of 4. Each of `splits` takes `share` steps and writes sums to a plane of
// its own, `plane` vec4s long. Grid: grid1d(pixel tiles · channel tiles, channels first: they share pixels in the cache) × splits.
// Constants: those of matmul/vector_tile (DEEP_A, not DEEP_B) and of matmul/finish. Types: Load (vec4f or vec4h), those of matmul/finish.
// variant: {"constants": {"TILE_M": 128, "TILE_N": 128, "COLUMNS": 8, "DEEP_A": true, "DEEP_B": false, "SCALE": false, "SHIFT": false, "RESIDUAL": false, "RELU": false}, "types": {"Load": "vec4f", "Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec4f", "StoreH": "vec4f"}}
// variant: {"constants": {"TILE_M": 128, "TILE_N": 64, "COLUMNS": 4, "DEEP_A": true, "DEEP_B": false, "SCALE": true, "SHIFT": true, "RESIDUAL": true, "RELU": true}, "types": {"Load": "vec4h", "Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec2u", "StoreH": "vec4h"}}
// variant: {"constants": {"TILE_M": 64, "TILE_N": 64, "COLUMNS": 4, "DEEP_A": true, "DEEP_B": false, "SCALE": false, "SHIFT": true, "RESIDUAL": false, "RELU": false}, "types": {"Load": "vec4h", "Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec4f", "StoreH": "vec4f"}}
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "COLUMNS": 4, "DEEP_A": true, "DEEP_B": false, "SCALE": false, "SHIFT": false, "RESIDUAL": false, "RELU": false}, "types": {"Load": "vec4f", "Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec4f", "StoreH": "vec4f"}, "includes": {"matmul/unrolled":"matmul/rolled"}}
// include matmul/vector_tile
// include matmul/finish
@group(0) @binding(3) var<storage, read> x: array<Load>;
@group(0) @binding(4) var<storage, read> weight: array<Load>;
@group(0) @binding(5) var<storage, read_write> y: array<Store>;
struct Params {
// include conv/window
  // w0, wy, wx, wk and wc are not used.
  pixels: i32, // of the output, in all images
  share: i32, plane: u32,
  depth: u32, // TILE_K
}
@group(0) @binding(6) var<uniform> p: Params;

const LOADS_X = TILE_M * TILE_K / 4 / THREADS;
const LOADS_W = TILE_N * TILE_K / 4 / THREADS;
/// Rows of the weight's tile that the threads load at once.
const ROWS_W = THREADS / (TILE_N / 4);

/// Where a thread's loads of x begin: with tap (0, 0), in vec4s; where that lies in the image; and the (tap, channel) they are at.
struct Reader {
  first: array<i32, LOADS_X>,
  top: array<i32, LOADS_X>,
  left: array<i32, LOADS_X>,
  a: i32, b: i32, channel: i32,
}

fn readX(r: ptr<function, Reader>, next: ptr<function, array<Load, LOADS_X>>) {
  let down = (*r).a * p.dh;
  let right = (*r).b * p.dw;
  let ahead = (down * p.w + right) * (p.ci / 4) + (*r).channel / 4;
  let inside = (*r).a < p.kh;
  for (var i = 0u; i < LOADS_X * ONE; i++) {
    var v = Load();
    if (inside && u32((*r).top[i] + down) < u32(p.h) && u32((*r).left[i] + right) < u32(p.w)) { v = x[(*r).first[i] + ahead]; }
    (*next)[i] = v;
  }
}

/// Moves on by TILE_K, `by` being that as (taps down, taps right, channels): one carry each.
fn advance(r: ptr<function, Reader>, by: vec3i) {
  (*r).channel += by.z;
  (*r).b += by.y;
  (*r).a += by.x;
  if ((*r).channel >= p.ci) {
    (*r).channel -= p.ci;
    (*r).b += 1;
  }
  if ((*r).b >= p.kw) {
    (*r).b -= p.kw;
    (*r).a += 1;
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  begin_loops(p.depth);
  let tiles = (p.co + TILE_N - 1) / TILE_N;
  let group = i32(wid.y * groups.x + wid.x);
  let pixel0 = group / tiles * TILE_M;
  let column0 = group % tiles * TILE_N;
  if (pixel0 >= p.pixels) { return; }
  let depth = p.kh * p.kw * p.ci;
  let begin = i32(wid.z) * p.share;
  let end = min(begin + p.share, (depth + TILE_K - 1) / TILE_K);

  // Four threads share a pixel, with four channels each.
  let quad = thread % 4u * 4u;
  let k = begin * TILE_K + i32(quad);
  var r: Reader;
  r.a = k / p.ci / p.kw;
  r.b = k / p.ci % p.kw;
  r.channel = k % p.ci;
  for (var i = 0u; i < LOADS_X * ONE; i++) {
    let pixel = min(pixel0 + i32(thread / 4u + i * (THREADS / 4)), p.pixels - 1);
    r.top[i] = pixel / p.wo % p.ho * p.sh - p.ph;
    r.left[i] = pixel % p.wo * p.sw - p.pw;
    r.first[i] = ((pixel / (p.ho * p.wo) * p.h + r.top[i]) * p.w + r.left[i]) * (p.ci / 4);
  }
  let by = vec3i(TILE_K / (p.ci * p.kw), TILE_K / p.ci % p.kw, TILE_K % p.ci);

  let rowW = thread / (TILE_N / 4u);
  let columnW = thread % (TILE_N / 4u) * 4u;
  let insideW = column0 + i32(columnW) < p.co;
  var kW = begin * TILE_K + i32(rowW);

  let down = downOf(thread);
  let across = acrossOf(thread);
  var sums: Sums;
  var nextX: array<Load, LOADS_X>;
  var nextW: array<Load, LOADS_W>;
  for (var step = begin; step <= end; step++) {
    if (step > begin) {
      workgroupBarrier();
      for (var i = 0u; i < LOADS_X * ONE; i++) { stageA(quad, thread / 4u + i * (THREADS / 4u), vec4f(nextX[i])); }
      for (var i = 0u; i < LOADS_W * ONE; i++) { stageB(rowW + i * ROWS_W, columnW, vec4f(nextW[i])); }
      workgroupBarrier();
    }
    if (step < end) {
      readX(&r, &nextX);
      advance(&r, by);
      for (var i = 0u; i < LOADS_W * ONE; i++) {
        let row = kW + i32(i * ROWS_W);
        var v = Load();
        if (insideW && row < depth) { v = weight[(row * p.co + column0 + i32(columnW)) / 4]; }
        nextW[i] = v;
      }
      kW += TILE_K;
    }
    if (step > begin) { multiply(&sums, down, across); }
  }

  let row0 = pixel0 + i32(down) * 8;
  var image = row0 / (p.ho * p.wo);
  var oy = row0 / p.wo % p.ho;
  var ox = row0 % p.wo;
  for (var i = 0u; i < 8 * ONE; i++) {
    let pixel = p.y0 + image * p.yn + oy * p.yh + ox * p.yw;
    for (var q = 0u; q < QUADS; q++) {
      let o = column0 + i32(across + q * ACROSS) * 4;
      if (row0 + i32(i) < p.pixels && o < p.co) {
        let at = u32(pixel * (p.co / 4) + o / 4);
        y[wid.z * p.plane + at] = finish(sums[q * 8u + i], u32(o / 4), at);
      }
    }
    ox += 1;
    if (ox == p.wo) {
      ox = 0;
      oy += 1;
    }
    if (oy == p.ho) {
      oy = 0;
      image += 1;
    }
  }
}
