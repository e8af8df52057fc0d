// The next digit of the first element, from the largest on, that no longer fits into what is left of its range's budget; where all fit, of the lowest. Counts are zero after it. A workgroup takes a range, a
// thread four bins. Uniform: see gates/select_count. Grid: grid1d(ranges).
// include gates/select
@group(0) @binding(0) var<storage, read> budget: array<u32>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>;
@group(0) @binding(2) var<storage, read_write> state: array<Found>;
struct Params { key: u32, shift: u32, size: u32, first: u32, parts: u32, ranges: u32 }
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> sums: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let range = wid.y * groups.x + wid.x;
  let inside = range < params.ranges;
  let at = min(range, params.ranges - 1u);
  var found = Found(0u, 0u, 0u, budget[at], 0u);
  if (params.first == 0u) { found = state[at]; }
  // The thread's bins from the largest on; the first thread has the largest.
  let top = at * 256u + 255u - lane * 4u;
  let mine = vec4u(counts[top], counts[top - 1u], counts[top - 2u], counts[top - 3u]);
  sums[lane] = mine.x + mine.y + mine.z + mine.w;
  workgroupBarrier();
  var before = 0u;
  for (var other = 0u; other < lane; other++) { before += sums[other]; }
  let behind = before + sums[lane];
  let last = lane == 63u && behind <= found.left;
  let crosses = before <= found.left && behind > found.left;
  if (inside) { for (var k = 0u; k < 4u; k++) { counts[top - k] = 0u; } }
  if (!inside || !(crosses || last)) { return; }
  var digit = 255u - lane * 4u;
  var spent = before;
  for (var k = 0u; k < 3u; k++) {
    if (spent + mine[k] > found.left) { break; }
    spent += mine[k];
    digit--;
  }
  let digits = digit << params.shift;
  if (params.key == VALUE) { found.value |= digits; } else if (params.key == TIE) { found.tie |= digits; } else { found.place |= digits; }
  found.left -= spent;
  found.fits = select(0u, 1u, last);
  state[at] = found;
}
