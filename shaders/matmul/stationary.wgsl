// C = A·B for adapters whose lanes are a CPU's vector unit, where a load at an address that differs between lanes costs one branch per lane.
// A workgroup is one subgroup and owns 4·WIDE·LANES columns, four or eight a lane. It keeps BLOCK rows of B in registers and on its stack, then lets the
// rows of A pass by: each lane loads a vec4, and broadcasts spread it. 512³ on llvmpipe with 2 cores, medians in one run: 8.8 ms with two rows
// at a time, 6.8 with one, 7.2 with one and eight columns a lane; blocks of 128 rows are 1.1 times as fast as of 64 where k is long. Where one block is all
// of k, eight columns a lane are 1.2 times as fast: 36 planes of 512×64 by 64×64 take 3.3 ms against 4.1.
// A, B and C are row-major with rows padded to vec4s (B and C to the same length); what pads A is zero.
// Constants: LANES (4 or 8), which must be the subgroup size; BLOCK, 8·LANES or 16·LANES; WIDE, vec4s of columns a lane, 1 or 2.
// Grid: (columns of vec4 / (WIDE·LANES), m / rows, planes).
// variant: {"constants": {"LANES": 8, "BLOCK": 64, "WIDE": 2}}
// variant: {"constants": {"LANES": 8, "BLOCK": 128, "WIDE": 1}}
// variant: {"constants": {"LANES": 4, "BLOCK": 64, "WIDE": 2}}
enable subgroups;

// include matmul/planes
struct Params {
  planes: Planes, // in vec4s
  m: u32,
  // Row lengths of B and C, and of A, in vec4s.
  wide: u32, deep: u32,
  k: u32,
  rows: u32, sums: u32,
  // BLOCK, where the compiler cannot see it: it unrolls loops of up to 32 known trips, which costs seconds.
  block: u32,
  one: u32, // 1, which the compiler must not know
}
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

var<private> stationary: array<vec4f, BLOCK>;
// A lane's second four columns.
var<private> beside: array<vec4f, BLOCK>;
var<private> sum2: vec4f;
var<private> sum: vec4f;
var<private> lane: u32;

// Four rows of B, from `at`, times four elements of a row of A.
fn step(x: vec4f, at: u32) {
  for (var i = 0u; i < 4u; i++) {
    sum += stationary[at + i] * x[i];
    if (WIDE == 2u) { sum2 += beside[at + i] * x[i]; }
  }
}

// The 4·LANES rows of B from `at` times what the lanes hold of a row of A. Runs once, in a loop of its own: LLVM schedules longer blocks badly.
fn feed(x: vec4f, at: u32, one: u32) {
  loop {
    step(subgroupBroadcast(x, 0u), at);
    step(subgroupBroadcast(x, 1u), at + 4u);
    step(subgroupBroadcast(x, 2u), at + 8u);
    step(subgroupBroadcast(x, 3u), at + 12u);
    if (LANES == 8u) {
      step(subgroupBroadcast(x, 4u), at + 16u);
      step(subgroupBroadcast(x, 5u), at + 20u);
      step(subgroupBroadcast(x, 6u), at + 24u);
      step(subgroupBroadcast(x, 7u), at + 28u);
    }
    continuing { break if one == 1u; }
  }
}

// The part of a row of A from its vec4 `column` on that the lanes load together; zero behind its end.
fn meet(row: u32, column: u32, at: u32, one: u32) {
  if (column * 4u >= params.k) { return; }
  let own = column + lane;
  feed(select(vec4f(0), a[row + min(own, params.deep - 1u)], own < params.deep), at, one);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(subgroup_invocation_id) index: u32) {
  let p = params;
  lane = index;
  let own = wid.x * WIDE * LANES + lane;
  let column = min(own, p.wide - 1u);
  let column2 = min(own + LANES, p.wide - 1u);
  let first = wid.y * p.rows;
  let last = min(first + p.rows, p.m);
  let planeC = wid.z * p.m * p.wide;
  let one = p.one;
  let matrices = matrices_of(wid.z, p.planes);
  for (var r = 0u; r < p.sums; r++) {
    for (var k = 0u; k < p.k; k += BLOCK) {
      for (var i = 0u; i < p.block; i++) {
        let line = matrices.y + r * p.planes.next_b + min(k + i, p.k - 1u) * p.wide;
        stationary[i] = select(vec4f(0), b[line + column], k + i < p.k);
        if (WIDE == 2u) { beside[i] = select(vec4f(0), b[line + column2], k + i < p.k); }
      }
      for (var row = first; row < last; row++) {
        let line = planeC + row * p.wide;
        sum = vec4f(0);
        sum2 = vec4f(0);
        let start = matrices.x + r * p.planes.next_a + row * p.deep;
        meet(start, k / 4u, 0u, one);
        meet(start, k / 4u + LANES, 4u * LANES, one);
        if (BLOCK > 8u * LANES) {
          meet(start, k / 4u + 2u * LANES, 8u * LANES, one);
          meet(start, k / 4u + 3u * LANES, 12u * LANES, one);
        }
        // A block's sum by itself first: what rounding loses grows with the longest row of additions.
        if (k > 0u || r > 0u) {
          sum += c[line + column];
          if (WIDE == 2u) { sum2 += c[line + column2]; }
        }
        if (own < p.wide) { c[line + column] = sum; }
        if (WIDE == 2u && own + LANES < p.wide) { c[line + column2] = sum2; }
      }
    }
  }
}
