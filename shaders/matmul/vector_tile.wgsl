// Include, no kernel: a workgroup's TILE_M × TILE_N tile of a matrix product, TILE_K values of k at a time through workgroup memory, eight rows by
// COLUMNS columns a thread. Both operands lie with k outside, so that a thread reads its rows and columns as vec4s: 32 threads, 4 down and 8 across, share
// 4 + 8 of them. An operand that memory holds with k inside is transposed on the way in; DEEP_A and DEEP_B say so, and then its vec4s are swapped
// within a row by k / 4, so that the 32 words that 32 threads write at once fall into 32 banks, as do those they read.
// Workgroup memory is f32 whatever storage is: halves would have to be converted at each of their 16 reads, not once.
// Constants: TILE_M and TILE_N (multiples of 32), COLUMNS (4 or 8), DEEP_A, DEEP_B. Kernels begin with begin_loops (matmul/unrolled).
const TILE_K = 16;
const QUADS = COLUMNS / 4;
const ACROSS = TILE_N / COLUMNS;
const THREADS = ACROSS * (TILE_M / 8);
// include matmul/unrolled

var<workgroup> tileA: array<vec4f, TILE_K * TILE_M / 4>;
var<workgroup> tileB: array<vec4f, TILE_K * TILE_N / 4>;

/// Row i of vec4 column q at q·8 + i.
alias Sums = array<vec4f, 8 * QUADS>;

/// A thread's position in the tile: rows from 8·down, columns from 4·across and, if it has eight, half a tile further.
fn downOf(thread: u32) -> u32 { return thread / 32u / (ACROSS / 8u) * 4u + thread % 32u / 8u; }
fn acrossOf(thread: u32) -> u32 { return thread / 32u % (ACROSS / 8u) * 8u + thread % 8u; }

fn swap(k: u32, deep: bool) -> u32 { return select(0u, k / 4u * 2u, deep); }
fn indexA(k: u32, m: u32) -> u32 { return k * (TILE_M / 4u) + ((m / 4u) ^ swap(k, DEEP_A)); }
fn indexB(k: u32, n: u32) -> u32 { return k * (TILE_N / 4u) + ((n / 4u) ^ swap(k, DEEP_B)); }

/// Four values from (k, m) on, along k or along m.
fn stageA(k: u32, m: u32, v: vec4f) {
  let at = indexA(k, m);
  if (DEEP_A) {
    tileA[at][m % 4u] = v.x;
    tileA[at + TILE_M / 4u][m % 4u] = v.y;
    tileA[at + TILE_M / 2u][m % 4u] = v.z;
    tileA[at + TILE_M / 4u * 3u][m % 4u] = v.w;
  } else {
    tileA[at] = v;
  }
}

fn stageB(k: u32, n: u32, v: vec4f) {
  let at = indexB(k, n);
  if (DEEP_B) {
    tileB[at][n % 4u] = v.x;
    tileB[at + TILE_N / 4u][n % 4u] = v.y;
    tileB[at + TILE_N / 2u][n % 4u] = v.z;
    tileB[at + TILE_N / 4u * 3u][n % 4u] = v.w;
  } else {
    tileB[at] = v;
  }
}

fn multiply(sums: ptr<function, Sums>, down: u32, across: u32) {
  for (var k = 0u; k < TILE_K * ONE; k++) {
    let x = tileA[indexA(k, down * 8u)];
    let y = tileA[indexA(k, down * 8u + 4u)];
    for (var q = 0u; q < QUADS; q++) {
      let z = tileB[indexB(k, (across + q * ACROSS) * 4u)];
      (*sums)[q * 8u] += x.x * z;
      (*sums)[q * 8u + 1u] += x.y * z;
      (*sums)[q * 8u + 2u] += x.z * z;
      (*sums)[q * 8u + 3u] += x.w * z;
      (*sums)[q * 8u + 4u] += y.x * z;
      (*sums)[q * 8u + 5u] += y.y * z;
      (*sums)[q * 8u + 6u] += y.z * z;
      (*sums)[q * 8u + 7u] += y.w * z;
    }
  }
}
