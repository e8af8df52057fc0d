// Weight gradient of a convolution on matrix units: the product of inputs, transposed, by output gradients, k running over all output pixels. A workgroup makes a tile of
// (tap, input channel) rows × output channels from its share of the pixels and writes it, in f32, to its own plane; conv/sum adds the planes in a fixed order. ci and
// co are multiples of WIDTH. Grid: grid1d(row tiles × channel tiles) × splits. Constants: matmul/matrix_tile, LEFT_DEEP and RIGHT_DEEP false. Types: Load
// (vec4u or vec2u, eight or four halves), Out vec4f.
// variant: {"constants": {"M": 16, "N": 16, "K": 16, "LANES": 32, "UM": 4, "UN": 2, "SM": 2, "SN": 2, "BK": 16, "LEFT_DEEP": false, "RIGHT_DEEP": false, "WIDTH": 8}, "types": {"Load": "vec4u", "Out": "vec4f"}}
// variant: {"constants": {"M": 16, "N": 8, "K": 16, "LANES": 32, "UM": 2, "UN": 4, "SM": 2, "SN": 2, "BK": 32, "LEFT_DEEP": false, "RIGHT_DEEP": false, "WIDTH": 4}, "types": {"Load": "vec2u", "Out": "vec4f"}}
// variant: {"constants": {"M": 8, "N": 8, "K": 8, "LANES": 8, "UM": 2, "UN": 1, "SM": 1, "SN": 2, "BK": 16, "LEFT_DEEP": false, "RIGHT_DEEP": false, "WIDTH": 4}, "types": {"Load": "vec2u", "Out": "vec4f"}, "includes": {"matmul/matrix_unit":"matmul/matrix_emulated"}}
// include matmul/matrix_tile
// include matmul/matrix_unit
@group(0) @binding(0) var<storage, read> x: array<Load>;
@group(0) @binding(1) var<storage, read> dy: array<Load>;
@group(0) @binding(2) var<storage, read_write> partial: array<Out>;
struct Params {
// include conv/sizes
  pixels: i32, // of the output, in all images
  share: i32, // of a plane; a multiple of BK
  // BK pixels further: so many images, rows and columns.
  images: i32, rows: i32, columns: i32,
}
@group(0) @binding(3) var<uniform> p: Params;

/// A tap and the first of its channels: where they are from the index of a pixel's window.
struct Tap {
  there: bool,
  down: i32,
  aside: i32,
  channel: i32,
}

var<private> row0: i32;
var<private> column0: i32;
var<private> split: i32;
/// Pixels of this share: from `start` to before `end`; the step begins at k0.
var<private> start: i32;
var<private> end: i32;
var<private> k0: i32;
var<private> low: Tap;
var<private> high: Tap;
/// The pixel of each slot.
var<private> image: array<i32, LEFT_SLOTS>;
var<private> line: array<i32, LEFT_SLOTS>;
var<private> column: array<i32, LEFT_SLOTS>;
var<private> interior: bool;
var<private> whole: bool;

fn tap_of(m: i32) -> Tap {
  let tap = m / p.ci;
  let a = tap / p.kw;
  return Tap(m < p.kh * p.kw * p.ci, a * p.dh - p.ph, (tap - a * p.kw) * p.dw - p.pw, m - tap * p.ci);
}

fn aim(step: u32) {
  k0 = start + i32(step) * BK;
  whole = interior && k0 + BK <= end;
  if (step == 0u) { return; }
  for (var i = 0u; i < LEFT_SLOTS; i++) {
    image[i] += p.images;
    line[i] += p.rows;
    column[i] += p.columns;
    if (column[i] >= p.wo) {
      column[i] -= p.wo;
      line[i] += 1;
    }
    if (line[i] >= p.ho) {
      line[i] -= p.ho;
      image[i] += 1;
    }
  }
}

fn left_slot(i: u32) -> vec4u {
  let pixel = k0 + i32(left_position(i).y) < end;
  let y = vec2i(line[i] * p.sh) + vec2i(low.down, high.down);
  let z = vec2i(column[i] * p.sw) + vec2i(low.aside, high.aside);
  let at = ((image[i] * p.h + y) * p.w + z) * p.ci + vec2i(low.channel, high.channel);
  let inside = vec2<bool>(pixel && low.there, pixel && high.there) & (vec2u(y) < vec2u(u32(p.h))) & (vec2u(z) < vec2u(u32(p.w)));
  return halves(&x, vec2u(at), inside);
}

fn right_slot(i: u32) -> vec4u {
  let position = vec2i(right_position(i));
  let o = column0 + position.x;
  let k = k0 + position.y;
  let at = u32(k * p.co + o);
  return halves(&dy, vec2u(at, at + 4u), vec2<bool>(whole || (k < end && o < p.co), whole || (k < end && o + 4 < p.co)));
}

fn put(row: u32, across: u32, sums: vec4f) {
  let rows = p.kh * p.kw * p.ci;
  let r = row0 + i32(row);
  let o = column0 + i32(across);
  if (r < rows && o < p.co) { partial[((split * rows + r) * p.co + o) / 4] = Out(sums); }
}

@compute @workgroup_size(THREADS) @subgroup_size(LANES)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) own: u32,
  @builtin(subgroup_invocation_id) at: u32,
) {
  let across = (p.co + BN - 1) / BN;
  let tile = i32(wid.y * groups.x + wid.x);
  if (tile >= (p.kh * p.kw * p.ci + BM - 1) / BM * across) { return; }
  enter(groups, index, own, at);
  row0 = tile / across * BM;
  column0 = tile % across * BN;
  split = i32(wid.z);
  start = split * p.share;
  end = min(start + p.share, p.pixels);
  interior = column0 + BN <= p.co;
  let m = row0 + i32(left_position(0u).x); // that of all slots, since a row's slots divide the threads
  low = tap_of(m);
  high = tap_of(m + 4);
  for (var i = 0u; i < LEFT_SLOTS; i++) {
    let pixel = start + i32(left_position(i).y);
    let row = pixel / p.wo;
    image[i] = row / p.ho;
    line[i] = row - image[i] * p.ho;
    column[i] = pixel - row * p.wo;
  }
  let pixels = clamp(p.pixels - i32(wid.z) * p.share, 0, p.share); // from uniforms alone, as barriers ask
  let steps = u32((pixels + BK - 1) / BK);
// include matmul/matrix_loop
}
