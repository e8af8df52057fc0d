// C = A·B for adapters whose lanes are a CPU's vector unit, where a load at an address that differs between lanes costs one branch per lane.
// A workgroup is one subgroup and owns 4·LANES columns, four a lane. It keeps BLOCK rows of B in registers and on its stack, then lets the
// rows of A pass by in pairs: each lane loads a vec4, and broadcasts spread it. 512³ on llvmpipe with 2 cores, in one run: 43 GFLOP/s
// against 1.7 of the plain kernel. One row at a time took 1.14 times as long; blocks of 128 rows 1.2 times, and 2.6 times to compile.
// A, B and C are row-major with rows padded to vec4s (B and C to the same length); what pads A is zero. LANES (4 or 8) must be the subgroup size.
// Grid: (columns of vec4 / LANES, m / rows, planes).
// variant: {"constants": {"LANES": 8}}
enable subgroups;

struct Params {
  m: u32,
  // Row lengths of B and C, and of A, in vec4s.
  wide: u32, deep: u32,
  k: u32,
  rows: u32, sums: u32,
  // vec4s from one plane of A or B to the next; 0 for a single plane.
  planeA: u32, planeB: u32,
  // BLOCK, where the compiler cannot see it: it unrolls loops of up to 32 known trips, which costs seconds.
  block: u32,
}
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

const BLOCK = 64u;
alias Stationary = array<vec4f, BLOCK>;
alias Pair = array<vec4f, 2>;

// Four rows of B, from `at`, times four elements of two rows of A.
fn step(w: ptr<function, Stationary>, at: u32, x: vec4f, y: vec4f, sum: ptr<function, Pair>) {
  (*sum)[0] += (*w)[at] * x.x;
  (*sum)[1] += (*w)[at] * y.x;
  (*sum)[0] += (*w)[at + 1u] * x.y;
  (*sum)[1] += (*w)[at + 1u] * y.y;
  (*sum)[0] += (*w)[at + 2u] * x.z;
  (*sum)[1] += (*w)[at + 2u] * y.z;
  (*sum)[0] += (*w)[at + 3u] * x.w;
  (*sum)[1] += (*w)[at + 3u] * y.w;
}

// The 4·LANES rows of B from `at` times what the lanes hold of two rows of A.
fn chunk(w: ptr<function, Stationary>, at: u32, x: vec4f, y: vec4f, sum: ptr<function, Pair>) {
  step(w, at, subgroupBroadcast(x, 0u), subgroupBroadcast(y, 0u), sum);
  step(w, at + 4u, subgroupBroadcast(x, 1u), subgroupBroadcast(y, 1u), sum);
  step(w, at + 8u, subgroupBroadcast(x, 2u), subgroupBroadcast(y, 2u), sum);
  step(w, at + 12u, subgroupBroadcast(x, 3u), subgroupBroadcast(y, 3u), sum);
  if (LANES == 8u) {
    step(w, at + 16u, subgroupBroadcast(x, 4u), subgroupBroadcast(y, 4u), sum);
    step(w, at + 20u, subgroupBroadcast(x, 5u), subgroupBroadcast(y, 5u), sum);
    step(w, at + 24u, subgroupBroadcast(x, 6u), subgroupBroadcast(y, 6u), sum);
    step(w, at + 28u, subgroupBroadcast(x, 7u), subgroupBroadcast(y, 7u), sum);
  }
}

// A vec4 of the row that starts at `start`; zero behind its end.
fn loadA(start: u32, column: u32) -> vec4f {
  return select(vec4f(0), a[start + min(column, params.deep - 1u)], column < params.deep);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let own = wid.x * LANES + lane;
  let column = min(own, p.wide - 1u);
  let first = wid.y * p.rows;
  let last = min(first + p.rows, p.m);
  let planeC = wid.z * p.m * p.wide;
  var w: Stationary;
  for (var r = wid.z; r < wid.z + p.sums; r++) {
    for (var k = 0u; k < p.k; k += BLOCK) {
      for (var i = 0u; i < p.block; i++) {
        w[i] = select(vec4f(0), b[r * p.planeB + min(k + i, p.k - 1u) * p.wide + column], k + i < p.k);
      }
      let rowsA = r * p.planeA;
      for (var row = first; row < last; row += 2u) {
        // The last of an odd number of rows is computed twice.
        let next = min(row + 1u, last - 1u);
        let at0 = planeC + row * p.wide + column;
        let at1 = planeC + next * p.wide + column;
        var sum = Pair(vec4f(0), vec4f(0));
        if (k > 0u || r > wid.z) { sum = Pair(c[at0], c[at1]); }
        let x = rowsA + row * p.deep;
        let y = rowsA + next * p.deep;
        let start = k / 4u + lane;
        chunk(&w, 0u, loadA(x, start), loadA(y, start), &sum);
        if (k + 4u * LANES < p.k) {
          chunk(&w, 4u * LANES, loadA(x, start + LANES), loadA(y, start + LANES), &sum);
          if (LANES == 4u) {
            chunk(&w, 8u * LANES, loadA(x, start + 2u * LANES), loadA(y, start + 2u * LANES), &sum);
            chunk(&w, 12u * LANES, loadA(x, start + 3u * LANES), loadA(y, start + 3u * LANES), &sum);
          }
        }
        if (own < p.wide) {
          c[at0] = sum[0];
          c[at1] = sum[1];
        }
      }
    }
  }
}
