// Winograd, the transform of the output's gradient for the weight gradient: A·dy·Aᵀ of every tile of m×m pixels. Pixels outside of the image are zero.
// Types: Vec, f32 or a vector; In, the same or as wide in f16. Entries: m.
// variant: {"constants": {"GROUP": 64}, "types": {"In": "vec4f", "Vec": "vec4f"}}
// variant: {"constants": {"GROUP": 64}, "types": {"In": "vec2h", "Vec": "vec2f"}}
// variant: {"constants": {"GROUP": 8}, "types": {"In": "f32", "Vec": "f32"}}
// variant: {"constants": {"GROUP": 8}, "types": {"In": "f16", "Vec": "f32"}}
// include conv/winograd_tile
@group(0) @binding(0) var<storage, read> dy: array<In>;
@group(0) @binding(1) var<storage, read_write> data: array<Vec>;
@group(0) @binding(2) var<uniform> p: Params;

// include conv/winograd_planes

fn pixel(at: vec4u, y: i32, x: i32) -> Vec {
  let image = p.first + i32(at.x);
  let inside = image < p.end && y < p.h && x < p.w;
  let pixel = (min(image, p.end - 1) * p.h + min(y, p.h - 1)) * p.w + min(x, p.w - 1);
  return select(Vec(0), Vec(dy[pixel * i32(p.sides.w) + i32(at.w)]), inside);
}

alias Two = array<Vec, 2>;
fn times2(d: Two) -> Four { return Four(d[0], d[0] + d[1], d[0] - d[1], -d[1]); }
fn column2(at: vec4u, c: i32) -> Four {
  let y = i32(at.y) * 2;
  let x = i32(at.z) * 2 + c;
  return times2(Two(pixel(at, y, x), pixel(at, y + 1, x)));
}
fn row2(to: u32, d: Two) { put4(to, p.plane, times2(d)); }

@compute @workgroup_size(GROUP)
fn tile2(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.tiles * p.sides.w, wid, groups, lane);
  var at = position_of(part.first, p.sides);
  for (var i = part.first; i < part.end; i += GROUP) {
    let to = index_of(at);
    let a = column2(at, 0);
    let b = column2(at, 1);
    row2(to, Two(a[0], b[0]));
    row2(to + 4u * p.plane, Two(a[1], b[1]));
    row2(to + 8u * p.plane, Two(a[2], b[2]));
    row2(to + 12u * p.plane, Two(a[3], b[3]));
    at = position_after(at, p.jump, p.sides);
  }
}

fn times4(d: Four) -> Six {
  let even = d[0] + d[2];
  let odd = d[1] + d[3];
  let even2 = d[0] + 4 * d[2];
  let odd2 = 2 * d[1] + 8 * d[3];
  return Six(d[0], even + odd, even - odd, even2 + odd2, even2 - odd2, d[3]);
}
fn column4(at: vec4u, c: i32) -> Six {
  let y = i32(at.y) * 4;
  let x = i32(at.z) * 4 + c;
  return times4(Four(pixel(at, y, x), pixel(at, y + 1, x), pixel(at, y + 2, x), pixel(at, y + 3, x)));
}
fn row4(to: u32, d: Four) { put6(to, p.plane, times4(d)); }

@compute @workgroup_size(GROUP)
fn tile4(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.tiles * p.sides.w, wid, groups, lane);
  var at = position_of(part.first, p.sides);
  for (var i = part.first; i < part.end; i += GROUP) {
    let to = index_of(at);
    let a = column4(at, 0);
    let b = column4(at, 1);
    let c = column4(at, 2);
    let d = column4(at, 3);
    row4(to, Four(a[0], b[0], c[0], d[0]));
    row4(to + 6u * p.plane, Four(a[1], b[1], c[1], d[1]));
    row4(to + 12u * p.plane, Four(a[2], b[2], c[2], d[2]));
    row4(to + 18u * p.plane, Four(a[3], b[3], c[3], d[3]));
    row4(to + 24u * p.plane, Four(a[4], b[4], c[4], d[4]));
    row4(to + 30u * p.plane, Four(a[5], b[5], c[5], d[5]));
    at = position_after(at, p.jump, p.sides);
  }
}
