// Rows of all images as one table: rows[i] is that of location locations[i] of image i / each, NONE where there is no such location. Grid: grid1d(count / 64).
const NONE = 0xffffffffu;
@group(0) @binding(0) var<storage, read> locations: array<u32>;
@group(0) @binding(1) var<storage, read_write> rows: array<u32>;
struct Params { count: u32, each: u32, locations: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let location = locations[i];
  rows[i] = select(NONE, i / params.each * params.locations + location, location < params.locations);
}
