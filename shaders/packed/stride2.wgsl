// Between two arrangements of the same images, the coarse one holding the upper left of each four pixels of the fine one. Grid and constants: see packed/pixels.
// variant: {"constants": {"LANES": 32}}
// variant: {"constants": {"LANES": 256}}
struct Params { width: u32, pixels: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

// include packed/pixels

// y, the coarse pixels, from x, the fine ones. index: for each coarse pixel its fine one, all ones for none.
@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let w = pixel_range(params.pixels, params.width, wid.x, groups.x, lane);
  for (var pixel = w.first; pixel < w.end; pixel += w.step) {
    let corner = index[pixel];
    var value = vec4f(0);
    if (corner != 0xffffffffu) { value = x[corner * params.width + w.element]; }
    y[pixel * params.width + w.element] = value;
  }
}

// y, the fine gradient, from x, the coarse one. index: for each fine pixel 4 · its coarse one + which of the four, all ones for none.
@compute @workgroup_size(LANES)
fn backward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let w = pixel_range(params.pixels, params.width, wid.x, groups.x, lane);
  for (var pixel = w.first; pixel < w.end; pixel += w.step) {
    let parent = index[pixel];
    var value = vec4f(0);
    if ((parent & 3u) == 0u) { value = x[(parent >> 2u) * params.width + w.element]; }
    y[pixel * params.width + w.element] = value;
  }
}
