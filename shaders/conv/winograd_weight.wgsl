// Winograd, the weight's transform: G·g·Gᵀ of the nine taps for a Vec of columns a thread. The transform lies as [plane, rows, wide], zero where the weight has
// no such row or column; taps are read from `first` in steps of `tap`, forward or in reverse. Matrices: see conv/winograd_tile. Constant: GROUP.
// Types: Vec, f32 or a vector; In, the same or as wide in f16. Entries: m. Grid: see tensor/chunk, Vecs of a plane.
// variant: {"constants": {"GROUP": 64}, "types": {"In": "vec4f", "Vec": "vec4f"}}
// variant: {"constants": {"GROUP": 64}, "types": {"In": "vec2h", "Vec": "vec2f"}}
// variant: {"constants": {"GROUP": 8}, "types": {"In": "f32", "Vec": "f32"}}
// variant: {"constants": {"GROUP": 8}, "types": {"In": "f16", "Vec": "f32"}}
// include tensor/chunk
@group(0) @binding(0) var<storage, read> w: array<In>;
@group(0) @binding(1) var<storage, read_write> data: array<Vec>;
// Lengths in Vecs: of a plane and a row of the transform; rows and columns that the weight has, and its steps to the next.
struct Params {
  count: u32, wide: u32,
  rows: u32, columns: u32, row: u32, column: u32,
  first: i32, tap: i32,
}
@group(0) @binding(2) var<uniform> p: Params;

// include conv/winograd_planes

// Where an element of the transform begins in the weight, and whether it is there at all.
struct Source { at: i32, there: bool }
fn source_of(i: u32) -> Source {
  let row = i / p.wide;
  let column = i - row * p.wide;
  let at = min(row, p.rows - 1u) * p.row + min(column, p.columns - 1u) * p.column;
  return Source(p.first + i32(at), row < p.rows && column < p.columns);
}

alias Three = array<Vec, 3>;
fn tap(source: Source, number: i32) -> Vec { return select(Vec(0), Vec(w[source.at + number * p.tap]), source.there); }
fn column(source: Source, c: i32) -> Three { return Three(tap(source, c), tap(source, c + 3), tap(source, c + 6)); }

fn times2(g: Three) -> Four {
  let even = 0.5 * (g[0] + g[2]);
  let odd = 0.5 * g[1];
  return Four(g[0], even + odd, even - odd, g[2]);
}
fn row2(to: u32, g: Three) { put4(to, p.count, times2(g)); }

@compute @workgroup_size(GROUP)
fn tile2(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.count, wid, groups, lane);
  for (var i = part.first; i < part.end; i += GROUP) {
    let source = source_of(i);
    let a = times2(column(source, 0));
    let b = times2(column(source, 1));
    let c = times2(column(source, 2));
    row2(i, Three(a[0], b[0], c[0]));
    row2(i + 4u * p.count, Three(a[1], b[1], c[1]));
    row2(i + 8u * p.count, Three(a[2], b[2], c[2]));
    row2(i + 12u * p.count, Three(a[3], b[3], c[3]));
  }
}

fn times4(g: Three) -> Six {
  let even = (-1.0 / 6) * (g[0] + g[2]);
  let odd = (-1.0 / 6) * g[1];
  let even2 = (1.0 / 24) * (g[0] + 4 * g[2]);
  let odd2 = (1.0 / 12) * g[1];
  return Six(0.25 * g[0], even + odd, even - odd, even2 + odd2, even2 - odd2, g[2]);
}
fn row4(to: u32, g: Three) { put6(to, p.count, times4(g)); }

@compute @workgroup_size(GROUP)
fn tile4(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.count, wid, groups, lane);
  for (var i = part.first; i < part.end; i += GROUP) {
    let source = source_of(i);
    let a = times4(column(source, 0));
    let b = times4(column(source, 1));
    let c = times4(column(source, 2));
    row4(i, Three(a[0], b[0], c[0]));
    row4(i + 6u * p.count, Three(a[1], b[1], c[1]));
    row4(i + 12u * p.count, Three(a[2], b[2], c[2]));
    row4(i + 18u * p.count, Three(a[3], b[3], c[3]));
    row4(i + 24u * p.count, Three(a[4], b[4], c[4]));
    row4(i + 30u * p.count, Three(a[5], b[5], c[5]));
  }
}
