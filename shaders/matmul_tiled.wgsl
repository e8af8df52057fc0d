// C = op(A)·op(B) for GPUs: a workgroup computes a TILE_M×TILE_N tile of C through workgroup memory, TILE_K at a time, each thread 8 rows by 4
// columns of it in registers; while it multiplies one step, the next waits in registers. A and B are stored as `Load`s of WIDTH elements (f32
// and 1, or vec4f and 4 where the stored rows are whole vec4s). Plane z of C is the sum over r < sums of the products of planes z + r.
// TRANSPOSE_A: A is stored k×m; TRANSPOSE_B: B is stored n×k. Grid: (n / TILE_N, m / TILE_M up to the grid's limit, planes).
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "TILE_K": 16, "TRANSPOSE_A": false, "TRANSPOSE_B": false, "WIDTH": 1}, "types": {"Load": "f32"}}
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "TILE_K": 16, "TRANSPOSE_A": false, "TRANSPOSE_B": false, "WIDTH": 4}, "types": {"Load": "vec4f"}}
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "TILE_K": 16, "TRANSPOSE_A": true, "TRANSPOSE_B": true, "WIDTH": 1}, "types": {"Load": "f32"}}
// variant: {"constants": {"TILE_M": 32, "TILE_N": 32, "TILE_K": 16, "TRANSPOSE_A": true, "TRANSPOSE_B": true, "WIDTH": 4}, "types": {"Load": "vec4f"}}
// variant: {"constants": {"TILE_M": 128, "TILE_N": 64, "TILE_K": 16, "TRANSPOSE_A": false, "TRANSPOSE_B": false, "WIDTH": 1}, "types": {"Load": "f32"}}
struct Params {
  m: u32, n: u32, k: u32, sums: u32,
  // Elements from one plane of A or B to the next; 0 for a single plane.
  planeA: u32, planeB: u32,
}
@group(0) @binding(0) var<storage, read> a: array<Load>;
@group(0) @binding(1) var<storage, read> b: array<Load>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

const ROWS = 8u;
const ACROSS = TILE_N / 4u;
const THREADS = ACROSS * (TILE_M / ROWS);
// Loads of a thread for one step.
const LOADS_A = TILE_M * TILE_K / (WIDTH * THREADS);
const LOADS_B = TILE_N * TILE_K / (WIDTH * THREADS);

var<workgroup> tileA: array<vec4f, TILE_K * TILE_M / 4u>;
var<workgroup> tileB: array<vec4f, TILE_K * TILE_N / 4u>;

// Where load `i` of a tile `side` wide lies in it: (position along k, position along the side). Neighbours follow the order in memory.
fn place(i: u32, side: u32, kFirst: bool) -> vec2u {
  if (kFirst) { return vec2u(i % (TILE_K / WIDTH) * WIDTH, i / (TILE_K / WIDTH)); }
  return vec2u(i / (side / WIDTH), i % (side / WIDTH) * WIDTH);
}

fn loadA(plane: u32, k: u32, row: u32) -> vec4f {
  if (k >= params.k || row >= params.m) { return vec4f(0); }
  let at = select(row * params.k + k, k * params.m + row, TRANSPOSE_A);
  return vec4f(a[(plane * params.planeA + at) / WIDTH]);
}

fn loadB(plane: u32, k: u32, column: u32) -> vec4f {
  if (k >= params.k || column >= params.n) { return vec4f(0); }
  let at = select(k * params.n + column, column * params.k + k, TRANSPOSE_B);
  return vec4f(b[(plane * params.planeB + at) / WIDTH]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let across = thread % ACROSS;
  let down = thread / ACROSS;
  let column0 = wid.x * TILE_N;
  let steps = (params.k + TILE_K - 1u) / TILE_K;
  for (var row0 = wid.y * TILE_M; row0 < params.m; row0 += groups.y * TILE_M) {
    var sum: array<vec4f, ROWS>;
    var nextA: array<vec4f, LOADS_A>;
    var nextB: array<vec4f, LOADS_B>;
    for (var step = 0u; step <= steps * params.sums; step++) {
      if (step > 0u) {
        workgroupBarrier();
        for (var i = 0u; i < LOADS_A; i++) {
          let at = place(thread + i * THREADS, TILE_M, !TRANSPOSE_A);
          for (var j = 0u; j < WIDTH; j++) {
            let to = select((at.x + j) * TILE_M + at.y, at.x * TILE_M + at.y + j, TRANSPOSE_A);
            tileA[to / 4u][to % 4u] = nextA[i][j];
          }
        }
        for (var i = 0u; i < LOADS_B; i++) {
          let at = place(thread + i * THREADS, TILE_N, TRANSPOSE_B);
          for (var j = 0u; j < WIDTH; j++) {
            let to = select(at.x * TILE_N + at.y + j, (at.x + j) * TILE_N + at.y, TRANSPOSE_B);
            tileB[to / 4u][to % 4u] = nextB[i][j];
          }
        }
        workgroupBarrier();
      }
      if (step < steps * params.sums) {
        let plane = wid.z + step / steps;
        let k0 = step % steps * TILE_K;
        for (var i = 0u; i < LOADS_A; i++) {
          let at = place(thread + i * THREADS, TILE_M, !TRANSPOSE_A);
          nextA[i] = loadA(plane, k0 + at.x, row0 + at.y);
        }
        for (var i = 0u; i < LOADS_B; i++) {
          let at = place(thread + i * THREADS, TILE_N, TRANSPOSE_B);
          nextB[i] = loadB(plane, k0 + at.x, column0 + at.y);
        }
      }
      if (step > 0u) {
        for (var k = 0u; k < TILE_K; k++) {
          let x = tileA[k * TILE_M / 4u + down * 2u];
          let y = tileA[k * TILE_M / 4u + down * 2u + 1u];
          let z = tileB[k * ACROSS + across];
          sum[0] += x.x * z;
          sum[1] += x.y * z;
          sum[2] += x.z * z;
          sum[3] += x.w * z;
          sum[4] += y.x * z;
          sum[5] += y.y * z;
          sum[6] += y.z * z;
          sum[7] += y.w * z;
        }
      }
    }
    for (var i = 0u; i < ROWS; i++) {
      let row = row0 + down * ROWS + i;
      for (var j = 0u; j < 4u; j++) {
        let column = column0 + across * 4u + j;
        if (row < params.m && column < params.n) { c[(wid.z * params.m + row) * params.n + column] = sum[i][j]; }
      }
    }
  }
}
