// Backward of shaders/packed/skip_concat.wgsl: takes a gradient apart again. `targets`: for each pixel of up where it went, all ones for nowhere.
// Grid and constants: see packed/pixels.
// variant: {"constants": {"LANES": 32}}
// variant: {"constants": {"LANES": 256}}
struct Params { width: u32, pixels: u32, up_pixels: u32 }
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> d_skip: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> d_up: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

// include packed/pixels

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let width = params.width;
  let skipped = pixel_range(params.pixels, width, wid.x, groups.x, lane);
  for (var pixel = skipped.first; pixel < skipped.end; pixel += skipped.step) {
    d_skip[pixel * width + skipped.element] = dy[2u * pixel * width + skipped.element];
  }
  let w = pixel_range(params.up_pixels, width, wid.x, groups.x, lane);
  for (var pixel = w.first; pixel < w.end; pixel += w.step) {
    let to = targets[pixel];
    var value = vec4f(0);
    if (to != 0xffffffffu) { value = dy[(2u * to + 1u) * width + w.element]; }
    d_up[pixel * width + w.element] = value;
  }
}
