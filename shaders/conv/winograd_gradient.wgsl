// Winograd, the inverse transform of the weight gradient: Gᵀ·U·G for a Vec of output channels a thread, where U is the sum of `splits` parts, added in
// their order; U lies as [plane, split, rows, columns], the result as [9, fewer rows, columns]. Matrices: see conv/winograd_tile.
// Constant: GROUP. Types: Vec, f32 or a vector. Entries: m. Grid: see tensor/chunk, Vecs of a tap.
// variant: {"constants": {"GROUP": 64}, "types": {"Vec": "vec4f"}}
// variant: {"constants": {"GROUP": 8}, "types": {"Vec": "f32"}}
// include tensor/chunk
@group(0) @binding(0) var<storage, read> data: array<Vec>;
@group(0) @binding(1) var<storage, read_write> dw: array<Vec>;
struct Params {
  // Vecs of a tap, and from one split to the next.
  count: u32, step: u32,
  splits: u32,
  // 0: add to what is there.
  fresh: u32,
}
@group(0) @binding(2) var<uniform> p: Params;

alias Three = array<Vec, 3>;
fn put(i: u32, tap: u32, value: Vec) {
  let at = tap * p.count + i;
  if (p.fresh == 1u) { dw[at] = value; } else { dw[at] += value; }
}
fn put3(i: u32, tap: u32, g: Three) {
  put(i, tap, g[0]);
  put(i, tap + 1u, g[1]);
  put(i, tap + 2u, g[2]);
}

alias Four = array<Vec, 4>;
fn times2(u: Four) -> Three {
  let even = 0.5 * (u[1] + u[2]);
  return Three(u[0] + even, 0.5 * (u[1] - u[2]), even + u[3]);
}
fn column2(i: u32, c: u32) -> Three {
  let plane = p.splits * p.step;
  var u: Four;
  for (var s = 0u; s < p.splits; s++) {
    let start = i + s * p.step + c * plane;
    u = Four(u[0] + data[start], u[1] + data[start + 4u * plane], u[2] + data[start + 8u * plane], u[3] + data[start + 12u * plane]);
  }
  return times2(u);
}

@compute @workgroup_size(GROUP)
fn tile2(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.count, wid, groups, lane);
  for (var i = part.first; i < part.end; i += GROUP) {
    let a = column2(i, 0);
    let b = column2(i, 1);
    let c = column2(i, 2);
    let d = column2(i, 3);
    put3(i, 0, times2(Four(a[0], b[0], c[0], d[0])));
    put3(i, 3, times2(Four(a[1], b[1], c[1], d[1])));
    put3(i, 6, times2(Four(a[2], b[2], c[2], d[2])));
  }
}

alias Six = array<Vec, 6>;
fn times4(u: Six) -> Three {
  let even = (-1.0 / 6) * (u[1] + u[2]);
  let even2 = u[3] + u[4];
  return Three(
    0.25 * u[0] + even + (1.0 / 24) * even2,
    (1.0 / 6) * (u[2] - u[1]) + (1.0 / 12) * (u[3] - u[4]),
    even + (1.0 / 6) * even2 + u[5]
  );
}
fn column4(i: u32, c: u32) -> Three {
  let plane = p.splits * p.step;
  var u: Six;
  for (var s = 0u; s < p.splits; s++) {
    let start = i + s * p.step + c * plane;
    u = Six(
      u[0] + data[start], u[1] + data[start + 6u * plane], u[2] + data[start + 12u * plane],
      u[3] + data[start + 18u * plane], u[4] + data[start + 24u * plane], u[5] + data[start + 30u * plane]
    );
  }
  return times4(u);
}

@compute @workgroup_size(GROUP)
fn tile4(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = chunk(p.count, wid, groups, lane);
  for (var i = part.first; i < part.end; i += GROUP) {
    let a = column4(i, 0);
    let b = column4(i, 1);
    let c = column4(i, 2);
    let d = column4(i, 3);
    let e = column4(i, 4);
    let f = column4(i, 5);
    put3(i, 0, times4(Six(a[0], b[0], c[0], d[0], e[0], f[0])));
    put3(i, 3, times4(Six(a[1], b[1], c[1], d[1], e[1], f[1])));
    put3(i, 6, times4(Six(a[2], b[2], c[2], d[2], e[2], f[2])));
  }
}
