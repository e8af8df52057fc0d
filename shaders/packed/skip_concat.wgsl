// y[pixel] = the channels of skip, then those of up + bias from another index; nothing from up where `sources` has none (all ones).
// Grid and constants: see packed/pixels.
// variant: {"constants": {"LANES": 32}}
// variant: {"constants": {"LANES": 256}}
struct Params { width: u32, pixels: u32 }
@group(0) @binding(0) var<storage, read> skip: array<vec4f>;
@group(0) @binding(1) var<storage, read> up: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read> sources: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

// include packed/pixels

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let width = params.width;
  let w = pixel_range(params.pixels, width, wid.x, groups.x, lane);
  let add = bias[w.element];
  for (var pixel = w.first; pixel < w.end; pixel += w.step) {
    let source = sources[pixel];
    var value = vec4f(0);
    if (source != 0xffffffffu) { value = up[source * width + w.element] + add; }
    let at = 2u * pixel * width + w.element;
    y[at] = skip[pixel * width + w.element];
    y[at + width] = value;
  }
}
