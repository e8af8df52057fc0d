// Include, no kernel: which matrices a plane of C is the product of. The planes are a box of four sides, along each of which A and B go on or repeat.
struct Planes {
  sides: vec4u, // outermost first
  // Elements of A and B from one plane to the next along each side, 0 where they repeat.
  a: vec4u, b: vec4u,
  // From one product to the next of those that are added up in a plane.
  next_a: u32, next_b: u32,
}

/// The first elements of a plane's matrices in A and B.
fn matrices_of(plane: u32, planes: Planes) -> vec2u {
  let row = plane / planes.sides.w;
  if (row == 0u) { return plane * vec2u(planes.a.w, planes.b.w); }
  let box = row / planes.sides.z;
  let outer = box / planes.sides.y;
  let at = vec4u(outer, box - outer * planes.sides.y, row - box * planes.sides.z, plane - row * planes.sides.w);
  return vec2u(dot(at, planes.a), dot(at, planes.b));
}
