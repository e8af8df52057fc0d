// What each location is to find: of the objects whose box has it inside, no more than `radius` strides from the box's center, and whose farthest side is at a distance of the
// level's range, the smallest, of equal ones the first. Objects of another class than 0 to classes − 1 are none, nor are boxes that are not finite. With EXTENTS a
// location beyond its image is labeled NONE, which no loss counts. One location a thread. Grid: grid1d(images·locations / 64).
// variant: {"constants": {"LEVELS": 5, "EXTENTS": false}, "types": {"Extent": "f32"}}
// variant: {"constants": {"LEVELS": 1, "EXTENTS": true}, "types": {"Extent": "u32"}}
// include detection/levels
@group(0) @binding(0) var<storage, read> boxes: array<vec4f>;
@group(0) @binding(1) var<storage, read> classes: array<u32>;
@group(0) @binding(2) var<storage, read> extents: array<Extent>; // height, width
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;
@group(0) @binding(4) var<storage, read_write> regression: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> found: array<u32>;
struct Params {
  images: u32,
  locations: u32,
  objects: u32, // an image has room for
  classes: u32,
  radius: f32,
  @align(16) levels: array<Level, LEVELS>,
}
@group(0) @binding(6) var<uniform> params: Params;

// Bits are looked at, since a compiler may assume that no value is NaN or infinite.
fn is_finite(v: vec4f) -> bool { return all((bitcast<vec4u>(v) & vec4u(0x7fffffffu)) < vec4u(0x7f800000u)); }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.images * params.locations) { return; }
  let image = i / params.locations;
  let location = i % params.locations;
  let level = level_of(location);
  let here = params.levels[level];
  let place = place_of(location, level);
  let reach = here.stride * params.radius;
  var label = params.classes;
  var object = NONE;
  var sides = vec4f();
  var smallest = 0.0;
  for (var m = 0u; m < params.objects; m++) {
    let at = image * params.objects + m;
    let box = boxes[at];
    if (classes[at] >= params.classes || !is_finite(box)) { continue; }
    let center = (box.xy + box.zw) * 0.5;
    let low = max(center - reach, box.xy);
    let high = min(center + reach, box.zw);
    let to_sides = vec4f(place - box.xy, box.zw - place);
    let farthest = max(max(to_sides.x, to_sides.y), max(to_sides.z, to_sides.w));
    let size = box.zw - box.xy;
    let area = size.x * size.y;
    let inside = all(place > low) && all(place < high);
    if (inside && farthest >= here.least && farthest <= here.most && (object == NONE || area < smallest)) {
      label = classes[at];
      object = m;
      sides = to_sides * here.per;
      smallest = area;
    }
  }
  if (EXTENTS) {
    if (place.y >= f32(extents[2u * image]) || place.x >= f32(extents[2u * image + 1u])) {
      label = NONE;
      object = NONE;
      sides = vec4f();
    }
  }
  labels[i] = label;
  regression[i] = sides;
  found[i] = object;
}
