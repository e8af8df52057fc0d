// C = op(A)·op(B) on matrix units: f16 operands, f32 sums, C in either. A and B are row-major in rows of whole Loads (row_a, row_b halves), C in rows of whole
// vec4s. Each plane of C is a sum of products (matmul/planes). LEFT_DEEP: A is stored m×k, otherwise k×m; RIGHT_DEEP: B is
// stored n×k, otherwise k×n. Grid: grid1d(tiles of C) × planes; tiles run down eight rows of tiles at a time, so that neighbors share operands in the cache.
// Constants: matmul/matrix_tile. Types: Load (vec4u or vec2u, eight or four halves), Out (vec4h or vec4f).
// variant: {"constants": {"M": 16, "N": 16, "K": 16, "LANES": 32, "UM": 4, "UN": 2, "SM": 2, "SN": 2, "BK": 16, "LEFT_DEEP": true, "RIGHT_DEEP": false, "WIDTH": 8}, "types": {"Load": "vec4u", "Out": "vec4h"}}
// variant: {"constants": {"M": 16, "N": 16, "K": 16, "LANES": 32, "UM": 2, "UN": 2, "SM": 2, "SN": 2, "BK": 32, "LEFT_DEEP": false, "RIGHT_DEEP": true, "WIDTH": 4}, "types": {"Load": "vec2u", "Out": "vec4f"}}
// variant: {"constants": {"M": 16, "N": 8, "K": 16, "LANES": 32, "UM": 2, "UN": 4, "SM": 2, "SN": 2, "BK": 32, "LEFT_DEEP": true, "RIGHT_DEEP": true, "WIDTH": 8}, "types": {"Load": "vec4u", "Out": "vec4f"}}
// variant: {"constants": {"M": 8, "N": 8, "K": 8, "LANES": 32, "UM": 4, "UN": 4, "SM": 2, "SN": 2, "BK": 32, "LEFT_DEEP": false, "RIGHT_DEEP": false, "WIDTH": 8}, "types": {"Load": "vec4u", "Out": "vec4h"}}
// variant: {"constants": {"M": 8, "N": 8, "K": 8, "LANES": 8, "UM": 2, "UN": 1, "SM": 1, "SN": 2, "BK": 16, "LEFT_DEEP": true, "RIGHT_DEEP": true, "WIDTH": 4}, "types": {"Load": "vec2u", "Out": "vec4f"}, "includes": {"matmul/matrix_unit":"matmul/matrix_emulated"}}
// include matmul/matrix_tile
// include matmul/matrix_unit
// include matmul/planes
struct Params {
  planes: Planes, // in halves
  m: u32, n: u32, k: u32, sums: u32,
  row_a: u32, row_b: u32, row_c: u32,
}
@group(0) @binding(0) var<storage, read> a: array<Load>;
@group(0) @binding(1) var<storage, read> b: array<Load>;
@group(0) @binding(2) var<storage, read_write> c: array<Out>;
@group(0) @binding(3) var<uniform> p: Params;

const PATCH = 8u;

var<private> plane: u32;
var<private> matrices: vec2u;
var<private> row0: u32;
var<private> column0: u32;
/// Steps of one product.
var<private> deep: u32;
/// Does the tile lie inside of A and B altogether, and the current step?
var<private> interior: bool;
var<private> whole: bool;
var<private> at_a: u32;
var<private> at_b: u32;
var<private> k0: u32;

fn aim(step: u32) {
  let product = step / deep;
  k0 = step % deep * BK;
  at_a = matrices.x + product * p.planes.next_a;
  at_b = matrices.y + product * p.planes.next_b;
  whole = interior && k0 + BK <= p.k;
}

fn left_slot(i: u32) -> vec4u {
  let position = left_position(i);
  let row = row0 + position.x;
  let k = k0 + position.y;
  let line = select(k, row, LEFT_DEEP);
  let first = select(row, k, LEFT_DEEP);
  let at = at_a + line * p.row_a + first;
  let inside = line < select(p.k, p.m, LEFT_DEEP);
  return halves(&a, vec2u(at, at + 4u), vec2<bool>(whole || (inside && first < p.row_a), whole || (inside && first + 4u < p.row_a)));
}

fn right_slot(i: u32) -> vec4u {
  let position = right_position(i);
  let column = column0 + position.x;
  let k = k0 + position.y;
  let line = select(k, column, RIGHT_DEEP);
  let first = select(column, k, RIGHT_DEEP);
  let at = at_b + line * p.row_b + first;
  let inside = line < select(p.k, p.n, RIGHT_DEEP);
  return halves(&b, vec2u(at, at + 4u), vec2<bool>(whole || (inside && first < p.row_b), whole || (inside && first + 4u < p.row_b)));
}

fn put(row: u32, column: u32, sums: vec4f) {
  let line = row0 + row;
  let first = column0 + column;
  if (line < p.m && first < p.row_c) { c[((plane * p.m + line) * p.row_c + first) / 4u] = Out(sums); }
}

@compute @workgroup_size(THREADS) @subgroup_size(LANES)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) own: u32,
  @builtin(subgroup_invocation_id) at: u32,
) {
  let down = (p.m + BM - 1) / BM;
  let across = (p.n + BN - 1) / BN;
  let tile = wid.y * groups.x + wid.x;
  if (tile >= down * across) { return; }
  enter(groups, index, own, at);
  let patch_row = tile / (PATCH * across) * PATCH;
  let height = min(PATCH, down - patch_row);
  let within = tile % (PATCH * across);
  plane = wid.z;
  matrices = matrices_of(plane, p.planes);
  row0 = (patch_row + within % height) * BM;
  column0 = within / height * BN;
  interior = row0 + BM <= p.m && column0 + BN <= p.n;
  deep = (p.k + BK - 1) / BK;
  let steps = (p.k + BK - 1) / BK * p.sums; // from uniforms alone, as barriers ask
// include matmul/matrix_loop
}
