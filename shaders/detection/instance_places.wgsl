// Where in the image chosen locations lie, and the usual size of an object there; 0 for those that are none. One a thread. Grid: grid1d(count / 64).
// variant: {"constants": {"LEVELS": 5}}
// include detection/levels
@group(0) @binding(0) var<storage, read> locations: array<u32>;
@group(0) @binding(1) var<storage, read_write> centers: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> sizes: array<f32>;
struct Params { count: u32, locations: u32, @align(16) levels: array<Level, LEVELS> }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let there = locations[i] < params.locations;
  let location = select(0u, locations[i], there);
  let level = level_of(location);
  centers[i] = select(vec2f(), place_of(location, level), there);
  sizes[i] = select(0.0, params.levels[level].usual, there);
}
