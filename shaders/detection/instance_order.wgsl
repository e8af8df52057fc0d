// Which locations of a list (detection/instance_list) are chosen. Entry `rank`: the place of each among those of its object, best first. Entry `choose`: as many of each
// object as it may have, the best of all objects first, then their second best; each goes to its place in that order. One of the list a thread.
// Grid: [locations / 64, images].
// include detection/instance
@group(0) @binding(0) var<storage, read> counts: array<u32>;
@group(0) @binding(1) var<storage, read> list: array<Instance>;
@group(0) @binding(2) var<storage, read_write> ranks: array<u32>;
@group(0) @binding(3) var<storage, read_write> locations: array<u32>; // [images, room], NONE before
@group(0) @binding(4) var<storage, read_write> objects: array<u32>; // as these
struct Params { locations: u32, room: u32 }
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn rank(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = wid.y * params.locations;
  let i = wid.x * 64u + lane;
  let count = counts[wid.y];
  if (i >= count) { return; }
  let own = list[first + i];
  var before = 0u;
  for (var j = 0u; j < count; j++) {
    let other = list[first + j];
    if (other.object == own.object && is_before(other, own)) { before++; }
  }
  ranks[first + i] = before;
}

@compute @workgroup_size(64)
fn choose(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = wid.y * params.locations;
  let i = wid.x * 64u + lane;
  let count = counts[wid.y];
  if (i >= count) { return; }
  let own = list[first + i];
  let rank = ranks[first + i];
  var found = 0u; // objects
  var before = 0u;
  for (var j = 0u; j < count; j++) {
    let other = ranks[first + j];
    if (other == 0u) { found++; }
    if (other < rank || (other == rank && is_before(list[first + j], own))) { before++; }
  }
  if (rank >= max(params.room / found, 1u) || before >= params.room) { return; }
  locations[wid.y * params.room + before] = own.location;
  objects[wid.y * params.room + before] = own.object;
}
