// C = op(A)·op(B) for GPUs, in tiles of matmul/vector_tile: while one step is multiplied, the next one's loads wait in registers as they are stored. A and B are stored as
// Loads of WIDTH elements (1, or 4 where the stored rows are whole vec4s). Each plane of C is a sum of products (matmul/planes); all
// their steps, one after another, are shared out among `splits`, which write planes of their own, those of the first split first.
// DEEP_A: A is stored m×k, otherwise k×m; DEEP_B: B is stored n×k, otherwise k×n. Grid: grid1d(tiles of C, columns first) × planes·splits.
// Constants: those of matmul/vector_tile and of matmul/finish, WIDTH. Types: Load (f32, f16, vec4f or vec4h), Wide (that in f32), those of matmul/finish. Includes: matmul/put_wide (Sum vec4f) or matmul/put_narrow.
// variant: {"constants": {"TILE_M": 128, "TILE_N": 128, "COLUMNS": 8, "DEEP_A": true, "DEEP_B": false, "WIDTH": 4, "SCALE": false, "SHIFT": false, "RESIDUAL": false, "RELU": false}, "types": {"Load": "vec4f", "Wide": "vec4f", "Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec4f", "StoreH": "vec4f"}}
// variant: {"constants": {"TILE_M": 128, "TILE_N": 64, "COLUMNS": 4, "DEEP_A": false, "DEEP_B": true, "WIDTH": 4, "SCALE": false, "SHIFT": true, "RESIDUAL": false, "RELU": true}, "types": {"Load": "vec4h", "Wide": "vec4f", "Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec2u", "StoreH": "vec4h"}}
// variant: {"constants": {"TILE_M": 64, "TILE_N": 64, "COLUMNS": 4, "DEEP_A": true, "DEEP_B": true, "WIDTH": 1, "SCALE": true, "SHIFT": true, "RESIDUAL": true, "RELU": true}, "types": {"Load": "f16", "Wide": "f32", "Sum": "f32", "F": "f32", "B": "u32", "Store": "f16", "StoreH": "f16"}, "includes": {"matmul/put_wide":"matmul/put_narrow"}}
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "COLUMNS": 4, "DEEP_A": false, "DEEP_B": false, "WIDTH": 1, "SCALE": false, "SHIFT": false, "RESIDUAL": false, "RELU": false}, "types": {"Load": "f32", "Wide": "f32", "Sum": "f32", "F": "f32", "B": "u32", "Store": "f32", "StoreH": "f32"}, "includes": {"matmul/unrolled":"matmul/rolled","matmul/put_wide":"matmul/put_narrow"}}
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "COLUMNS": 4, "DEEP_A": false, "DEEP_B": false, "WIDTH": 4, "SCALE": false, "SHIFT": false, "RESIDUAL": false, "RELU": false}, "types": {"Load": "vec4h", "Wide": "vec4f", "Sum": "vec4f", "F": "vec4f", "B": "vec4u", "Store": "vec4f", "StoreH": "vec4f"}}
// include matmul/vector_tile
// include matmul/finish
@group(0) @binding(3) var<storage, read> a: array<Load>;
@group(0) @binding(4) var<storage, read> b: array<Load>;
@group(0) @binding(5) var<storage, read_write> c: array<Store>;
// include matmul/put_wide
// include matmul/planes
struct Params {
  planes: Planes,
  m: u32, n: u32, k: u32,
  sums: u32, count: u32, // planes
  share: u32, // steps of a split
  depth: u32, // TILE_K
}
@group(0) @binding(6) var<uniform> p: Params;

const LOADS_A = TILE_M * TILE_K / WIDTH / THREADS;
const LOADS_B = TILE_N * TILE_K / WIDTH / THREADS;

// Where load `i` of a tile `side` wide lies in it: (position along k, position along the side). Neighbors follow the order in memory.
fn position_of(i: u32, side: u32, deep: bool) -> vec2u {
  if (deep) { return vec2u(i % (TILE_K / WIDTH) * WIDTH, i / (TILE_K / WIDTH)); }
  return vec2u(i / (side / WIDTH), i % (side / WIDTH) * WIDTH);
}

fn loadA(matrix: u32, k: u32, row: u32) -> Load {
  if (k >= p.k || row >= p.m) { return Load(); }
  return a[(matrix + select(k * p.m + row, row * p.k + k, DEEP_A)) / WIDTH];
}

fn loadB(matrix: u32, k: u32, column: u32) -> Load {
  if (k >= p.k || column >= p.n) { return Load(); }
  return b[(matrix + select(k * p.n + column, column * p.k + k, DEEP_B)) / WIDTH];
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  begin_loops(p.depth);
  let tiles = (p.n + TILE_N - 1u) / TILE_N;
  let group = wid.y * groups.x + wid.x;
  let row0 = group / tiles * TILE_M;
  let column0 = group % tiles * TILE_N;
  if (row0 >= p.m) { return; }
  let matrices = matrices_of(wid.z % p.count, p.planes);
  let steps = (p.k + TILE_K - 1u) / TILE_K;
  let begin = wid.z / p.count * p.share;
  let end = min(begin + p.share, steps * p.sums);

  let down = downOf(thread);
  let across = acrossOf(thread);
  var sums: Sums;
  var nextA: array<Load, LOADS_A>;
  var nextB: array<Load, LOADS_B>;
  for (var step = begin; step <= end; step++) {
    if (step > begin) {
      workgroupBarrier();
      for (var i = 0u; i < LOADS_A * ONE; i++) {
        let at = position_of(thread + i * THREADS, TILE_M, DEEP_A);
        let v = vec4f(Wide(nextA[i]));
        if (WIDTH == 4) { stageA(at.x, at.y, v); } else { tileA[indexA(at.x, at.y)][at.y % 4u] = v.x; }
      }
      for (var i = 0u; i < LOADS_B * ONE; i++) {
        let at = position_of(thread + i * THREADS, TILE_N, DEEP_B);
        let v = vec4f(Wide(nextB[i]));
        if (WIDTH == 4) { stageB(at.x, at.y, v); } else { tileB[indexB(at.x, at.y)][at.y % 4u] = v.x; }
      }
      workgroupBarrier();
    }
    if (step < end) {
      let product = step / steps;
      let matrix = matrices + product * vec2u(p.planes.next_a, p.planes.next_b);
      let k = step % steps * TILE_K;
      for (var i = 0u; i < LOADS_A * ONE; i++) {
        let at = position_of(thread + i * THREADS, TILE_M, DEEP_A);
        nextA[i] = loadA(matrix.x, k + at.x, row0 + at.y);
      }
      for (var i = 0u; i < LOADS_B * ONE; i++) {
        let at = position_of(thread + i * THREADS, TILE_N, DEEP_B);
        nextB[i] = loadB(matrix.y, k + at.x, column0 + at.y);
      }
    }
    if (step > begin) { multiply(&sums, down, across); }
  }

  for (var i = 0u; i < 8 * ONE; i++) {
    let row = row0 + down * 8u + i;
    for (var q = 0u; q < QUADS; q++) {
      let column = column0 + (across + q * ACROSS) * 4u;
      if (row < p.m) { put((wid.z * p.m + row) * p.n + column, column, p.n, sums[q * 8u + i]); }
    }
  }
}
