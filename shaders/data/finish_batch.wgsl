// Images as bytes (NHWC, four bytes to a word) become a batch: normalized by a table for each channel and byte, a box of each erased, then each mixed with the image as
// far from the batch's end as it is from its beginning. What is done is in `plan`, eight words a row: of the batch (share of the own image in each pixel and in the label, 0, 0; rows and
// columns of the box that is the other's: top, left, bottom, right), then of each image (that of the erased box, whether by noise, two words that key the noise).
// A thread takes one column and channel of 8 rows. Types: X, how the batch is stored, f32 or f16.
// Of a batch that comes in parts it makes the one that begins with image `begin`. Grid: x width · channels / 64, y height / 8, z images of the part.
// variant: {"types": {"X": "f32"}}
// variant: {"types": {"X": "f16"}}
// include tensor/random
// include tensor/random_normal
struct Params { height: u32, width: u32, channels: u32, batch: u32, begin: u32 }
@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> plan: array<vec4u>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<X>;
@group(0) @binding(4) var<uniform> params: Params;

fn inside(box: vec4u, row: u32, column: u32) -> bool {
  return row >= box.x && row < box.z && column >= box.y && column < box.w;
}

// Element i of an image, before it is mixed.
fn value(image: u32, row: u32, column: u32, channel: u32) -> f32 {
  let i = (row * params.width + column) * params.channels + channel;
  let erasing = plan[2u * image + 3u];
  if (inside(plan[2u * image + 2u], row, column)) {
    if (erasing.x == 0u) { return 0.0; }
    return random_normal(random_unit(random_u32(erasing.y, erasing.z, 0u, i >> 2u)))[i & 3u];
  }
  let at = image * params.height * params.width * params.channels + i;
  return table[channel * 256u + ((images[at >> 2u] >> ((at & 3u) * 8u)) & 0xffu)];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let length = params.width * params.channels;
  if (id.x >= length) { return; }
  let channel = id.x % params.channels;
  let column = id.x / params.channels;
  let own = params.begin + id.z;
  let other = params.batch - 1u - own;
  let share = bitcast<f32>(plan[0].x);
  let box = plan[1];
  let end = min(params.height, id.y * 8u + 8u);
  for (var row = id.y * 8u; row < end; row++) {
    var v: f32;
    if (inside(box, row, column)) { v = value(other, row, column, channel); }
    else {
      v = value(own, row, column, channel);
      if (share < 1.0) { v = share * v + (1.0 - share) * value(other, row, column, channel); }
    }
    x[(id.z * params.height + row) * length + id.x] = X(v);
  }
}
