// Include, no kernel: the boxes of instances as masks over their logits [images, instances, height, width]. Position i of a side lies at pixel ⌊stride/2⌋ + stride·i; a box has
// the pixels from int(first) to int(last + 1), that one not included, as AdelaiDet's. A kernel declares `maps`, behind what else it binds. Types: X a logit (f32 or f16).
@group(0) @binding(0) var<storage, read> logits: array<X>;
@group(0) @binding(1) var<storage, read> objects: array<u32>; // of each instance, the number of its box in the image; of what is none, more than there are
@group(0) @binding(2) var<storage, read> boxes: array<vec4f>; // [images, capacity], x0 y0 x1 y1 in pixels
struct Maps {
  count: u32, // images · instances
  instances: u32,
  height: u32,
  width: u32,
  capacity: u32,
  stride: u32,
  share: u32, // of the positions, for a workgroup, or slices of them
}

fn is_instance(instance: u32) -> bool { return objects[instance] < maps.capacity; }

// Positions: the first column and row, and the first beyond; zeros of a box without any. Of an instance only.
fn box_of(instance: u32) -> vec4u {
  let box = boxes[instance / maps.instances * maps.capacity + objects[instance]];
  let pixels = max(vec4i(vec4f(box.xy, box.zw + 1.0)) - i32(maps.stride / 2u), vec4i());
  let end = vec2u(maps.width, maps.height);
  let sides = min((vec4u(pixels) + maps.stride - 1u) / maps.stride, vec4u(end, end));
  return select(sides, vec4u(), any(sides.xy >= sides.zw));
}
