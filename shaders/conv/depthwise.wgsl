// Depthwise convolution, each channel by itself. `slide`: the forward direction and each phase of a data gradient; a thread makes T neighboring pixels of a row, so
// that what it loads serves all taps that meet it. `weightGradient`: a thread sums up the taps of one row of the kernel over its share of the rows of
// dy, into a plane of its own; conv/sum adds the planes. Threads next to each other hold neighboring channels; each workgroup takes a contiguous chunk of the work.
// Constants: GROUP, T, KW taps that lie D ≥ 1 pixels apart, S (pixels of the input from one output to the next). Types: V, what is computed (vec4f, or f32 where
// channels are no multiple of 4); In and Out, as it is stored, InH and OutH, as that reads (four halves lie in a vec2u, see src/ops/norm/kernels/layout.ts).
// variant: {"constants": {"GROUP": 8, "T": 4, "KW": 3, "S": 1, "D": 1}, "types": {"V": "vec4f", "In": "vec4f", "InH": "vec4f", "Out": "vec4f", "OutH": "vec4f"}}
// variant: {"constants": {"GROUP": 64, "T": 4, "KW": 3, "S": 2, "D": 1}, "types": {"V": "vec4f", "In": "vec2u", "InH": "vec4h", "Out": "vec2u", "OutH": "vec4h"}}
// variant: {"constants": {"GROUP": 64, "T": 4, "KW": 5, "S": 1, "D": 2}, "types": {"V": "f32", "In": "f16", "InH": "f16", "Out": "f32", "OutH": "f32"}}
@group(0) @binding(0) var<storage, read> a: array<In>;
@group(0) @binding(1) var<storage, read> b: array<In>;
@group(0) @binding(2) var<storage, read_write> c: array<Out>;
struct Params {
// include conv/window
  // ci counts Vs, the weight's distances count taps; co, kw, sw, dw, wk and wc are not used.
  rows: i32, // of the output, in all images
  items: u32, chunk: u32, // in all, of a workgroup
  share: i32, // rows of a thread of weightGradient
}
@group(0) @binding(3) var<uniform> p: Params;

/// Input pixels that T outputs meet.
const SPAN = (T - 1) * S + (KW - 1) * D + 1;

fn load(line: i32, ix: i32, channel: i32) -> V {
  if (ix < 0 || ix >= p.w) { return V(); }
  return V(bitcast<InH>(a[(line + ix) * p.ci + channel]));
}

// a: the input, b: the weight [taps, ci], c: the output.
@compute @workgroup_size(GROUP)
fn slide(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let strips = (p.wo + T - 1) / T;
  let end = min((wid.x + 1u) * p.chunk, p.items);
  for (var item = wid.x * p.chunk + lane; item < end; item += GROUP) {
    let channel = i32(item) % p.ci;
    let strip = i32(item) / p.ci;
    let row = strip / strips;
    let ox = strip % strips * T;
    let image = row / p.ho;
    let oy = row % p.ho;
    var sums = array<V, T>(); // written out: without a value, a variable in a loop keeps that of the pass before (Dawn 0.6.2)
    for (var ky = 0; ky < p.kh; ky++) {
      let iy = oy * p.sh - p.ph + ky * p.dh;
      if (iy < 0 || iy >= p.h) { continue; }
      let line = (image * p.h + iy) * p.w;
      var span = array<V, SPAN>();
      for (var j = 0; j < SPAN; j++) { span[j] = load(line, ox * S - p.pw + j, channel); }
      for (var kx = 0; kx < KW; kx++) {
        let tap = V(bitcast<InH>(b[(p.w0 + ky * p.wy + kx * p.wx) * p.ci + channel]));
        for (var t = 0; t < T; t++) { sums[t] += span[t * S + kx * D] * tap; }
      }
    }
    let first = p.y0 + image * p.yn + oy * p.yh;
    for (var t = 0; t < T; t++) {
      if (ox + t < p.wo) { c[(first + (ox + t) * p.yw) * p.ci + channel] = bitcast<Out>(OutH(sums[t])); }
    }
  }
}

// a: x, b: dy, c: planes of [kh, KW, ci].
@compute @workgroup_size(GROUP)
fn weightGradient(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min((wid.x + 1u) * p.chunk, p.items);
  for (var item = wid.x * p.chunk + lane; item < end; item += GROUP) {
    let channel = i32(item) % p.ci;
    let line0 = i32(item) / p.ci; // row of the kernel, in all planes
    let down = line0 % p.kh * p.dh - p.ph;
    let row0 = line0 / p.kh * p.share;
    var sums = array<V, KW>();
    for (var row = row0; row < min(row0 + p.share, p.rows); row++) {
      let iy = row % p.ho * p.sh + down;
      if (iy < 0 || iy >= p.h) { continue; }
      let line = (row / p.ho * p.h + iy) * p.w;
      for (var ox = 0; ox < p.wo;) {
        var run = array<V, KW>(); // by runs: the error grows with the longest row of additions
        for (let stop = min(p.wo, ox + 16 * T); ox < stop; ox += T) {
          var span = array<V, SPAN>();
          for (var j = 0; j < SPAN; j++) { span[j] = load(line, ox * S - p.pw + j, channel); }
          for (var t = 0; t < T; t++) {
            var gradient = V();
            if (ox + t < p.wo) { gradient = V(bitcast<InH>(b[(row * p.wo + ox + t) * p.ci + channel])); }
            for (var kx = 0; kx < KW; kx++) { run[kx] += span[t * S + kx * D] * gradient; }
          }
        }
        for (var kx = 0; kx < KW; kx++) { sums[kx] += run[kx]; }
      }
    }
    for (var kx = 0; kx < KW; kx++) { c[(line0 * KW + kx) * p.ci + channel] = bitcast<Out>(OutH(sums[kx])); }
  }
}
