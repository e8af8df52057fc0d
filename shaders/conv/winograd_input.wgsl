// Winograd, the input's transform: Bᵀ·d·B of every tile, (m + 2)×(m + 2) pixels that overlap their neighbors by two. Pixels outside of the image are zero.
// A thread walks along a row of tiles with a window of m + 2 columns, already multiplied from the left: each column is loaded and multiplied once, and
// the code of one column is all that must be compiled (llvmpipe: 0.4 s for m = 4 with scalars, against 0.9 with the tile written out).
// Types: Vec, f32 or a vector; In, the same or as wide in f16. Entries: m. Grid: chunked over rows of tiles × channels.
// variant: {"constants": {"GROUP": 64}, "types": {"In": "vec4f", "Vec": "vec4f"}}
// variant: {"constants": {"GROUP": 64}, "types": {"In": "vec2h", "Vec": "vec2f"}}
// variant: {"constants": {"GROUP": 8}, "types": {"In": "f32", "Vec": "f32"}}
// variant: {"constants": {"GROUP": 8}, "types": {"In": "f16", "Vec": "f32"}}
// include conv/winograd_tile
@group(0) @binding(0) var<storage, read> x: array<In>;
@group(0) @binding(1) var<storage, read_write> data: array<Vec>;
@group(0) @binding(2) var<uniform> p: Params;

// include conv/winograd_planes

// A thread's first pixels: their row, the channel in the image's first pixel; whether there is such an image; and the first tile, and where it goes.
struct Row { y: i32, start: i32, there: bool, tile: u32, to: u32 }

fn row_at(i: u32, m: i32) -> Row {
  let line = i / p.sides.w;
  let channel = i - line * p.sides.w;
  let image = p.first + i32(line / p.sides.y);
  let start = min(image, p.end - 1) * p.h * p.w * i32(p.sides.w) + i32(channel);
  let tile = line * p.sides.z;
  return Row(i32(line % p.sides.y) * m - p.top, start, image < p.end, tile, tile * p.tile + channel * p.channel);
}

fn pixel(row: Row, r: i32, c: i32) -> Vec {
  let y = row.y + r;
  let inside = row.there && y >= 0 && y < p.h && c >= 0 && c < p.w;
  let at = clamp(y, 0, p.h - 1) * p.w + clamp(c, 0, p.w - 1);
  return select(Vec(0), Vec(x[row.start + at * i32(p.sides.w)]), inside);
}

fn times2(d: Four) -> Four { return Four(d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]); }
fn column2(row: Row, c: i32) -> Four {
  return times2(Four(pixel(row, 0, c), pixel(row, 1, c), pixel(row, 2, c), pixel(row, 3, c)));
}
fn row2(to: u32, d: Four) { put4(to, p.plane, times2(d)); }

@compute @workgroup_size(GROUP)
fn tile2(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.lines * p.sides.w, wid, groups, lane);
  for (var i = part.first; i < part.end; i += GROUP) {
    let row = row_at(i, 2);
    var tile = row.tile;
    var to = row.to;
    var a: Four;
    var b: Four;
    var c: Four;
    var d: Four;
    // Columns since the last tile; the first is complete after two more.
    var since = -2;
    for (var column = 0; column < i32(p.sides.z) * 2 + 2; column++) {
      a = b;
      b = c;
      c = d;
      d = column2(row, column - p.left);
      since++;
      if (since == 2 && tile < p.tiles) {
        since = 0;
        row2(to, Four(a[0], b[0], c[0], d[0]));
        row2(to + 4u * p.plane, Four(a[1], b[1], c[1], d[1]));
        row2(to + 8u * p.plane, Four(a[2], b[2], c[2], d[2]));
        row2(to + 12u * p.plane, Four(a[3], b[3], c[3], d[3]));
        tile++;
        to += p.tile;
      }
    }
  }
}

fn times4(d: Six) -> Six {
  let even = d[4] - 4 * d[2];
  let odd = d[3] - 4 * d[1];
  let near = d[4] - d[2];
  let far = 2 * (d[3] - d[1]);
  return Six(4 * d[0] - 5 * d[2] + d[4], even + odd, even - odd, near + far, near - far, 4 * d[1] - 5 * d[3] + d[5]);
}
fn column4(row: Row, c: i32) -> Six {
  return times4(Six(
    pixel(row, 0, c), pixel(row, 1, c), pixel(row, 2, c), pixel(row, 3, c), pixel(row, 4, c), pixel(row, 5, c)
  ));
}
fn row4(to: u32, d: Six) { put6(to, p.plane, times4(d)); }

@compute @workgroup_size(GROUP)
fn tile4(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.lines * p.sides.w, wid, groups, lane);
  for (var i = part.first; i < part.end; i += GROUP) {
    let row = row_at(i, 4);
    var tile = row.tile;
    var to = row.to;
    var a: Six;
    var b: Six;
    var c: Six;
    var d: Six;
    var e: Six;
    var f: Six;
    // Columns since the last tile; the first is complete after two more.
    var since = -2;
    for (var column = 0; column < i32(p.sides.z) * 4 + 2; column++) {
      a = b;
      b = c;
      c = d;
      d = e;
      e = f;
      f = column4(row, column - p.left);
      since++;
      if (since == 4 && tile < p.tiles) {
        since = 0;
        row4(to, Six(a[0], b[0], c[0], d[0], e[0], f[0]));
        row4(to + 6u * p.plane, Six(a[1], b[1], c[1], d[1], e[1], f[1]));
        row4(to + 12u * p.plane, Six(a[2], b[2], c[2], d[2], e[2], f[2]));
        row4(to + 18u * p.plane, Six(a[3], b[3], c[3], d[3], e[3], f[3]));
        row4(to + 24u * p.plane, Six(a[4], b[4], c[4], d[4], e[4], f[4]));
        row4(to + 30u * p.plane, Six(a[5], b[5], c[5], d[5], e[5], f[5]));
        tile++;
        to += p.tile;
      }
    }
  }
}
