// Convolution by its definition, NHWC, one output element a thread, for any stride, padding, dilation and grouping. Sizes come from the uniform:
// software adapters unroll constant loops for seconds. Types: A, B, C, how the bindings are stored, f32 or f16; sums are f32.
// Grid: grid1d(elements of the output binding / 64).
// variant: {"types": {"A": "f32", "B": "f32", "C": "f32"}}
// variant: {"types": {"A": "f16", "B": "f16", "C": "f16"}}
struct Geometry {
  n: i32, h: i32, w: i32, ci: i32,
  ho: i32, wo: i32, co: i32, kh: i32,
  kw: i32, sh: i32, sw: i32, ph: i32,
  pw: i32, dh: i32, dw: i32, groups: i32,
}

@group(0) @binding(0) var<storage, read> a: array<A>;
@group(0) @binding(1) var<storage, read> b: array<B>;
@group(0) @binding(2) var<storage, read_write> c: array<C>;
@group(0) @binding(3) var<uniform> g: Geometry;

fn index(wid: vec3u, groups: vec3u, lane: u32) -> i32 { return i32((wid.y * groups.x + wid.x) * 64u + lane); }

// a: x [n,h,w,ci], b: w [kh,kw,ci/groups,co], c: y [n,ho,wo,co].
@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i >= g.n * g.ho * g.wo * g.co) { return; }
  let o = i % g.co;
  let ow = i / g.co % g.wo;
  let oh = i / (g.co * g.wo) % g.ho;
  let n = i / (g.co * g.wo * g.ho);
  let depth = g.ci / g.groups;
  let first = o / (g.co / g.groups) * depth;
  var sum = 0.0;
  for (var ky = 0; ky < g.kh; ky++) {
    let ih = oh * g.sh - g.ph + ky * g.dh;
    if (ih < 0 || ih >= g.h) { continue; }
    for (var kx = 0; kx < g.kw; kx++) {
      let iw = ow * g.sw - g.pw + kx * g.dw;
      if (iw < 0 || iw >= g.w) { continue; }
      let x = ((n * g.h + ih) * g.w + iw) * g.ci + first;
      let w = (ky * g.kw + kx) * depth * g.co + o;
      for (var k = 0; k < depth; k++) { sum += f32(a[x + k]) * f32(b[w + k * g.co]); }
    }
  }
  c[i] = C(sum);
}

// a: dy [n,ho,wo,co], b: w [kh,kw,ci/groups,co], c: dx [n,h,w,ci].
@compute @workgroup_size(64)
fn dataGradient(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i >= g.n * g.h * g.w * g.ci) { return; }
  let k = i % g.ci;
  let iw = i / g.ci % g.w;
  let ih = i / (g.ci * g.w) % g.h;
  let n = i / (g.ci * g.w * g.h);
  let depth = g.ci / g.groups;
  let width = g.co / g.groups;
  let first = k / depth * width;
  var sum = 0.0;
  for (var ky = 0; ky < g.kh; ky++) {
    let y = ih + g.ph - ky * g.dh;
    if (y < 0 || y % g.sh != 0 || y / g.sh >= g.ho) { continue; }
    for (var kx = 0; kx < g.kw; kx++) {
      let x = iw + g.pw - kx * g.dw;
      if (x < 0 || x % g.sw != 0 || x / g.sw >= g.wo) { continue; }
      let dy = ((n * g.ho + y / g.sh) * g.wo + x / g.sw) * g.co + first;
      let w = ((ky * g.kw + kx) * depth + k % depth) * g.co + first;
      for (var o = 0; o < width; o++) { sum += f32(a[dy + o]) * f32(b[w + o]); }
    }
  }
  c[i] = C(sum);
}

// a: x [n,h,w,ci], b: dy [n,ho,wo,co], c: dw [kh,kw,ci/groups,co].
@compute @workgroup_size(64)
fn weightGradient(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  let depth = g.ci / g.groups;
  if (i >= g.kh * g.kw * depth * g.co) { return; }
  let o = i % g.co;
  let k = o / (g.co / g.groups) * depth + i / g.co % depth;
  let kx = i / (g.co * depth) % g.kw;
  let ky = i / (g.co * depth * g.kw);
  // By runs of 64 pixels, of rows and of 16 rows: the error grows with the longest row of additions.
  var sum = 0.0;
  for (var r = 0; r < g.n * g.ho;) {
    var rows = 0.0;
    for (let last = min(g.n * g.ho, r + 16); r < last; r++) {
      let n = r / g.ho;
      let ih = r % g.ho * g.sh - g.ph + ky * g.dh;
      if (ih < 0 || ih >= g.h) { continue; }
      var row = 0.0;
      for (var ow = 0; ow < g.wo;) {
        var run = 0.0;
        for (let stop = min(g.wo, ow + 64); ow < stop; ow++) {
          let iw = ow * g.sw - g.pw + kx * g.dw;
          if (iw < 0 || iw >= g.w) { continue; }
          run += f32(a[((n * g.h + ih) * g.w + iw) * g.ci + k]) * f32(b[(r * g.wo + ow) * g.co + o]);
        }
        row += run;
      }
      rows += row;
    }
    sum += rows;
  }
  c[i] = C(sum);
}
