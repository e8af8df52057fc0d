// Winograd, the inverse transform of the output: Aᵀ·M·A of every tile, m×m pixels, of which those outside of the image are dropped.
// Types: Vec, f32 or a vector; Out, the same or as wide in f16. Entries: m.
// variant: {"constants": {"GROUP": 64}, "types": {"Out": "vec4f", "Vec": "vec4f"}}
// variant: {"constants": {"GROUP": 64}, "types": {"Out": "vec2h", "Vec": "vec2f"}}
// variant: {"constants": {"GROUP": 8}, "types": {"Out": "f32", "Vec": "f32"}}
// variant: {"constants": {"GROUP": 8}, "types": {"Out": "f16", "Vec": "f32"}}
// include conv/winograd_tile
@group(0) @binding(0) var<storage, read> data: array<Vec>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
@group(0) @binding(2) var<uniform> p: Params;

fn put(at: vec4u, row: i32, column: i32, value: Vec) {
  let image = p.first + i32(at.x);
  if (image >= p.end || row >= p.h || column >= p.w) { return; }
  y[((image * p.h + row) * p.w + column) * i32(p.sides.w) + i32(at.w)] = Out(value);
}

alias Two = array<Vec, 2>;
alias Four = array<Vec, 4>;
fn times2(d: Four) -> Two { return Two(d[0] + d[1] + d[2], d[1] - d[2] - d[3]); }
fn column2(start: u32) -> Two {
  let down = 4u * p.plane;
  return times2(Four(data[start], data[start + down], data[start + 2u * down], data[start + 3u * down]));
}
fn row2(at: vec4u, r: i32, d: Four) {
  let v = times2(d);
  let row = i32(at.y) * 2 + r;
  let column = i32(at.z) * 2;
  put(at, row, column, v[0]);
  put(at, row, column + 1, v[1]);
}

@compute @workgroup_size(GROUP)
fn tile2(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.tiles * p.sides.w, wid, groups, lane);
  var at = position_of(part.first, p.sides);
  for (var i = part.first; i < part.end; i += GROUP) {
    let start = index_of(at);
    let a = column2(start);
    let b = column2(start + p.plane);
    let c = column2(start + 2u * p.plane);
    let d = column2(start + 3u * p.plane);
    row2(at, 0, Four(a[0], b[0], c[0], d[0]));
    row2(at, 1, Four(a[1], b[1], c[1], d[1]));
    at = position_after(at, p.jump, p.sides);
  }
}

alias Six = array<Vec, 6>;
fn times4(d: Six) -> Four {
  let even = d[1] + d[2];
  let odd = d[1] - d[2];
  let even2 = d[3] + d[4];
  let odd2 = d[3] - d[4];
  return Four(d[0] + even + even2, odd + 2 * odd2, even + 4 * even2, odd + 8 * odd2 + d[5]);
}
fn column4(start: u32) -> Four {
  let down = 6u * p.plane;
  return times4(Six(
    data[start], data[start + down], data[start + 2u * down], data[start + 3u * down], data[start + 4u * down], data[start + 5u * down]
  ));
}
fn row4(at: vec4u, r: i32, d: Six) {
  let v = times4(d);
  let row = i32(at.y) * 4 + r;
  let column = i32(at.z) * 4;
  put(at, row, column, v[0]);
  put(at, row, column + 1, v[1]);
  put(at, row, column + 2, v[2]);
  put(at, row, column + 3, v[3]);
}

@compute @workgroup_size(GROUP)
fn tile4(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.tiles * p.sides.w, wid, groups, lane);
  var at = position_of(part.first, p.sides);
  for (var i = part.first; i < part.end; i += GROUP) {
    let start = index_of(at);
    let a = column4(start);
    let b = column4(start + p.plane);
    let c = column4(start + 2u * p.plane);
    let d = column4(start + 3u * p.plane);
    let e = column4(start + 4u * p.plane);
    let f = column4(start + 5u * p.plane);
    row4(at, 0, Six(a[0], b[0], c[0], d[0], e[0], f[0]));
    row4(at, 1, Six(a[1], b[1], c[1], d[1], e[1], f[1]));
    row4(at, 2, Six(a[2], b[2], c[2], d[2], e[2], f[2]));
    row4(at, 3, Six(a[3], b[3], c[3], d[3], e[3], f[3]));
    at = position_after(at, p.jump, p.sides);
  }
}
