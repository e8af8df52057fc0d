// Weight gradient of a convolution for GPUs: the product of inputs, transposed, by output gradients, over all output pixels, in tiles of matmul/vector_tile: rows are
// (tap, input channel), columns output channels, depth pixels. Each of `splits` takes `share` pixels and writes a plane of its own; conv/sum adds the planes in
// a fixed order. ci and co are multiples of 4. Grid: row tiles × channel tiles × splits.
// Constants: those of matmul/vector_tile (neither DEEP_A nor DEEP_B). Types: Load (vec4f or vec4h).
// variant: {"constants": {"TILE_M": 128, "TILE_N": 128, "COLUMNS": 8, "DEEP_A": false, "DEEP_B": false}, "types": {"Load": "vec4f"}}
// variant: {"constants": {"TILE_M": 128, "TILE_N": 64, "COLUMNS": 4, "DEEP_A": false, "DEEP_B": false}, "types": {"Load": "vec4h"}}
// variant: {"constants": {"TILE_M": 64, "TILE_N": 64, "COLUMNS": 4, "DEEP_A": false, "DEEP_B": false}, "types": {"Load": "vec4f"}}
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "COLUMNS": 4, "DEEP_A": false, "DEEP_B": false}, "types": {"Load": "vec4h"}, "includes": {"matmul/unrolled":"matmul/rolled"}}
// include matmul/vector_tile
@group(0) @binding(0) var<storage, read> x: array<Load>;
@group(0) @binding(1) var<storage, read> dy: array<Load>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;
struct Params {
// include conv/sizes
  pixels: i32, // of the output, in all images
  share: i32,
  depth: u32, // TILE_K
}
@group(0) @binding(3) var<uniform> p: Params;

const LOADS_X = TILE_M * TILE_K / 4 / THREADS;
const LOADS_DY = TILE_N * TILE_K / 4 / THREADS;
/// Pixels of a tile that the threads load at once.
const ROWS_X = THREADS / (TILE_M / 4);
const ROWS_DY = THREADS / (TILE_N / 4);

/// An output pixel as (image, row, column), moved on by `by`: one carry each.
fn advanced(at: vec3i, by: vec3i) -> vec3i {
  var to = at + by;
  if (to.z >= p.wo) { to += vec3i(0, 1, -p.wo); }
  if (to.y >= p.ho) { to += vec3i(1, -p.ho, 0); }
  return to;
}

fn positionOf(pixel: i32) -> vec3i { return vec3i(pixel / (p.ho * p.wo), pixel / p.wo % p.ho, pixel % p.wo); }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) thread: u32) {
  begin_loops(p.depth);
  let rows = p.kh * p.kw * p.ci;
  let begin = i32(wid.z) * p.share;
  let end = min(begin + p.share, p.pixels);

  // The four channels of one tap that this thread loads.
  let pixelX = thread / (TILE_M / 4u);
  let columnX = thread % (TILE_M / 4u) * 4u;
  let m = i32(wid.x) * TILE_M + i32(columnX);
  let tap = m / p.ci;
  let down = tap / p.kw * p.dh - p.ph;
  let right = tap % p.kw * p.dw - p.pw;
  let channel = m % p.ci / 4;
  let limitX = select(0, end, m < rows);
  var at: array<vec3i, LOADS_X>;
  for (var i = 0u; i < LOADS_X * ONE; i++) { at[i] = positionOf(begin + i32(pixelX + i * ROWS_X)); }
  let by = positionOf(TILE_K);

  let pixelDy = thread / (TILE_N / 4u);
  let columnDy = thread % (TILE_N / 4u) * 4u;
  let o = i32(wid.y) * TILE_N + i32(columnDy);
  let limitDy = select(0, end, o < p.co);

  let rowsDown = downOf(thread);
  let across = acrossOf(thread);
  var sums: Sums;
  var nextX: array<Load, LOADS_X>;
  var nextDy: array<Load, LOADS_DY>;
  for (var pixel = begin; pixel < end + TILE_K; pixel += TILE_K) {
    if (pixel > begin) {
      workgroupBarrier();
      for (var i = 0u; i < LOADS_X * ONE; i++) { stageA(pixelX + i * ROWS_X, columnX, vec4f(nextX[i])); }
      for (var i = 0u; i < LOADS_DY * ONE; i++) { stageB(pixelDy + i * ROWS_DY, columnDy, vec4f(nextDy[i])); }
      workgroupBarrier();
    }
    if (pixel < end) {
      for (var i = 0u; i < LOADS_X * ONE; i++) {
        let iy = at[i].y * p.sh + down;
        let ix = at[i].z * p.sw + right;
        var v = Load();
        if (pixel + i32(pixelX + i * ROWS_X) < limitX && u32(iy) < u32(p.h) && u32(ix) < u32(p.w)) {
          v = x[((at[i].x * p.h + iy) * p.w + ix) * (p.ci / 4) + channel];
        }
        nextX[i] = v;
        at[i] = advanced(at[i], by);
      }
      for (var i = 0u; i < LOADS_DY * ONE; i++) {
        let index = pixel + i32(pixelDy + i * ROWS_DY);
        var v = Load();
        if (index < limitDy) { v = dy[(index * p.co + o) / 4]; }
        nextDy[i] = v;
      }
    }
    if (pixel > begin) { multiply(&sums, rowsDown, across); }
  }

  for (var i = 0u; i < 8 * ONE; i++) {
    let row = i32(wid.x) * TILE_M + i32(rowsDown * 8u + i);
    for (var q = 0u; q < QUADS; q++) {
      let column = i32(wid.y) * TILE_N + i32(across + q * ACROSS) * 4;
      if (row < rows && column < p.co) { partial[((i32(wid.z) * rows + row) * p.co + column) / 4] = sums[q * 8u + i]; }
    }
  }
}
