// Winograd, the products of a weight gradient on a software adapter with 8-lane subgroups: C = Aᵀ·B for every plane, A stored k×m and B k×n, in the form of
// conv/outer: a workgroup's 32×32 sums stand in function-scope memory, read and written with constant indices only, while two rows of A and
// B at a time pass by: the lanes hold 32 columns of B, and 32 columns of A are broadcast to meet them. Nothing is copied or transposed first.
// Grid: (n / 32, m / 32, planes).
// variant: {}
enable subgroups;

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
struct Params {
  // Row lengths of A and B in vec4s.
  deep: u32, wide: u32,
  k: u32,
  channels: u32, // 32, in the uniform so that loops over it are not unrolled
  one: u32, // 1, which the compiler must not know
}
@group(0) @binding(3) var<uniform> p: Params;

var<private> sum: array<vec4f, 32>;

fn spread(x: vec4f, y: vec4f, u: vec4f, v: vec4f, at: u32) {
  sum[at] += x.x * u + y.x * v;
  sum[at + 1u] += x.y * u + y.y * v;
  sum[at + 2u] += x.z * u + y.z * v;
  sum[at + 3u] += x.w * u + y.w * v;
}

/// Runs once, in a loop of its own: LLVM schedules longer blocks badly.
fn feed(x: vec4f, y: vec4f, u: vec4f, v: vec4f, one: u32) {
  loop {
    spread(subgroupBroadcast(x, 0u), subgroupBroadcast(y, 0u), u, v, 0u);
    spread(subgroupBroadcast(x, 1u), subgroupBroadcast(y, 1u), u, v, 4u);
    spread(subgroupBroadcast(x, 2u), subgroupBroadcast(y, 2u), u, v, 8u);
    spread(subgroupBroadcast(x, 3u), subgroupBroadcast(y, 3u), u, v, 12u);
    spread(subgroupBroadcast(x, 4u), subgroupBroadcast(y, 4u), u, v, 16u);
    spread(subgroupBroadcast(x, 5u), subgroupBroadcast(y, 5u), u, v, 20u);
    spread(subgroupBroadcast(x, 6u), subgroupBroadcast(y, 6u), u, v, 24u);
    spread(subgroupBroadcast(x, 7u), subgroupBroadcast(y, 7u), u, v, 28u);
    continuing { break if one == 1u; }
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = wid.x * 8u + lane;
  let safe = min(column, p.wide - 1u);
  let row = min(wid.y * 8u + lane, p.deep - 1u);
  let one = p.one;
  for (var i = 0u; i < p.channels; i++) { sum[i] = vec4f(0); }
  let first = wid.z * p.k;
  for (var r = first; r < first + p.k; r += 2u) {
    // Behind the last of an odd number of rows comes a row of zeros.
    let next = min(r + 1u, first + p.k - 1u);
    let u = b[r * p.wide + safe];
    let v = select(vec4f(0), b[next * p.wide + safe], next > r);
    feed(a[r * p.deep + row], a[next * p.deep + row], u, v, one);
  }
  if (column >= p.wide) { return; }
  let rows = min(p.channels, 4u * p.deep - wid.y * 32u);
  for (var i = 0u; i < rows; i++) { c[(wid.z * 4u * p.deep + wid.y * 32u + i) * p.wide + column] = sum[i]; }
}
