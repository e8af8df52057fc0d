// y[to(at)] = x[from(at)] where the side along which x lies is another than the one along which y lies: a tile of both goes through workgroup memory, so that lanes
// side by side read, and then write, what lies side by side. Types: Elem, u32 or f16. Grid: grid1d(tiles of 32×32 in all).
// variant: {"types": {"Elem": "u32"}}
// variant: {"types": {"Elem": "f16"}}
@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params {
  // Two sides around, the one along which y lies, the one along which x lies: lengths, and the way to the neighbor in x and in y.
  sides: vec4u,
  x_steps: vec4i,
  y_steps: vec4i,
  x_offset: i32,
  y_offset: i32,
  tiles: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

const TILE = 32u;
const ROWS = 8u; // of a tile, at a time
var<workgroup> tile: array<Elem, TILE * (TILE + 1)>; // the column more keeps lanes on different banks

@compute @workgroup_size(TILE, ROWS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let id = wid.y * groups.x + wid.x;
  let across = (params.sides.w + TILE - 1u) / TILE;
  let down = (params.sides.z + TILE - 1u) / TILE;
  let plane = id / across;
  let box = plane / down;
  let first = vec4u(box / params.sides.y, box % params.sides.y, plane % down * TILE, id % across * TILE);
  let inside = id < params.tiles;
  let x_first = params.x_offset + dot(vec4i(first), params.x_steps);
  let y_first = params.y_offset + dot(vec4i(first), params.y_steps);
  let left = select(vec2u(), min(params.sides.zw - first.zw, vec2u(TILE)), inside);
  for (var row = lane.y; row < TILE; row += ROWS) {
    if (row < left.x && lane.x < left.y) { tile[row * (TILE + 1u) + lane.x] = x[u32(x_first + i32(row) * params.x_steps.z) + lane.x]; }
  }
  workgroupBarrier();
  for (var column = lane.y; column < TILE; column += ROWS) {
    if (column < left.y && lane.x < left.x) { y[u32(y_first + i32(column) * params.y_steps.w) + lane.x] = tile[lane.x * (TILE + 1u) + column]; }
  }
}
