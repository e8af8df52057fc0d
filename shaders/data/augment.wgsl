// Cuts a batch out of u8 images (NHWC, four bytes to a word) by the plan of shaders/data/batch_plan.wgsl and normalizes it: a table holds the result
// for each channel and byte. What lies outside an image is black. Images may be spread over several buffers: each call fills in those of its
// own, and the call that `advances` moves the draw counter on. A thread takes one column and channel of 8 rows.
// Types: X, how the batch is stored, f32 or f16.
// Grid: x width · channels / 64, y height / 8, z batch.
// variant: {"types": {"X": "f32"}}
// variant: {"types": {"X": "f16"}}
struct Params { height: u32, width: u32, channels: u32, pad: u32, first: u32, count: u32, advances: u32 }
@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> plan: array<vec4u>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> draws: array<u32>;
@group(0) @binding(4) var<storage, read_write> x: array<X>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (all(id == vec3u(0)) && params.advances == 1u) { draws[0] += 1u; }
  let row = params.width * params.channels;
  let source = plan[id.z];
  let image = source.x - params.first;
  if (id.x >= row || image >= params.count) { return; }
  let channel = id.x % params.channels;
  let column = id.x / params.channels;
  let turned = select(column, params.width - 1u - column, source.w == 1u);
  // Unsigned: what lies left of or above the image wraps round to beyond it.
  let sx = turned + source.z - params.pad;
  let end = min(params.height, id.y * 8u + 8u);
  for (var r = id.y * 8u; r < end; r++) {
    let sy = r + source.y - params.pad;
    var byte = 0u;
    if (sx < params.width && sy < params.height) {
      let at = ((image * params.height + sy) * params.width + sx) * params.channels + channel;
      byte = (images[at >> 2u] >> ((at & 3u) * 8u)) & 0xffu;
    }
    x[(id.z * params.height + r) * row + id.x] = X(table[channel * 256u + byte]);
  }
}
