// Include, no kernel: a thread takes every n-th element, n the number of threads, workgroups of 64. Starting a thread costs a software adapter
// more than an element does. Grid: gridStrideLaunch(gpu, elements).
fn first_of(wid: vec3u, groups: vec3u, lane: u32) -> u32 { return (wid.y * groups.x + wid.x) * 64u + lane; }
fn step_of(groups: vec3u) -> u32 { return groups.x * groups.y * 64u; }

// Positions in a box of four sides instead of indices: each thread divides once, then adds `jump`, the position of element n.
fn position_of(i: u32, sides: vec4u) -> vec4u {
  let row = i / sides.w;
  let plane = row / sides.z;
  let outer = plane / sides.y;
  return vec4u(outer, plane - outer * sides.y, row - plane * sides.z, i - row * sides.w);
}
fn position_after(at: vec4u, jump: vec4u, sides: vec4u) -> vec4u {
  var next = at + jump;
  if (next.w >= sides.w) { next += vec4u(0, 0, 1, 0) - vec4u(0, 0, 0, sides.w); }
  if (next.z >= sides.z) { next += vec4u(0, 1, 0, 0) - vec4u(0, 0, sides.z, 0); }
  if (next.y >= sides.y) { next += vec4u(1, 0, 0, 0) - vec4u(0, sides.y, 0, 0); }
  return next;
}
