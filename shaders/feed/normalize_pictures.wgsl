// Pictures as bytes (NHWC, RGB, four bytes to a word) become normalized numbers: looked up by channel and byte in `table`, and 0 beyond the extents (rows, columns) of each. A row has
// a multiple of four bytes. Types: X, four values as they are stored. Grid: grid1d(words / 64).
// variant: {"types": {"X": "vec4f"}}
// variant: {"types": {"X": "vec4h"}}
struct Params { height: u32, width: u32, words: u32 }
@group(0) @binding(0) var<storage, read> pixels: array<u32>;
@group(0) @binding(1) var<storage, read> extents: array<vec2u>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<X>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.words) { return; }
  let length = params.width * 3u / 4u;
  let row = i / length;
  let extent = extents[row / params.height];
  let end = select(0u, extent.y * 3u, row % params.height < extent.x);
  let first = i % length * 4u;
  let bytes = pixels[i];
  var values = vec4f();
  for (var k = 0u; k < 4u; k++) {
    let at = first + k;
    if (at < end) { values[k] = table[at % 3u * 256u + ((bytes >> (k * 8u)) & 0xffu)]; }
  }
  x[i] = X(values);
}
