// Adds the planes that a weight gradient was split into, in a fixed order, so that the same inputs give the same bits; planes may be padded beyond the
// weight [taps, ci, co] to [taps, cip, cop] (co and cop in Vs). 64 / SHARES elements a workgroup; each of an element's SHARES threads adds every SHARES-th plane, the
// first thread what they got: many planes of a small weight would otherwise be a long walk for few threads. Grid: grid1d(elements·SHARES / 64).
// Constants: SHARES (1 where barriers are dear). Types: V (f32 or vec4f).
// variant: {"constants": {"SHARES": 1}, "types": {"V": "f32"}}
// variant: {"constants": {"SHARES": 8}, "types": {"V": "vec4f"}}
@group(0) @binding(0) var<storage, read> partial: array<V>;
@group(0) @binding(1) var<storage, read_write> dw: array<V>;
struct Params { taps: u32, ci: u32, co: u32, cip: u32, cop: u32, planes: u32 }
@group(0) @binding(2) var<uniform> p: Params;

const ELEMENTS = 64u / SHARES;
var<workgroup> shares: array<V, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * ELEMENTS + lane % ELEMENTS;
  let count = p.taps * p.ci * p.co;
  var sum = V();
  if (i < count) {
    let at = (i / (p.ci * p.co) * p.cip + i / p.co % p.ci) * p.cop + i % p.co;
    let size = p.taps * p.cip * p.cop;
    for (var plane = lane / ELEMENTS; plane < p.planes;) {
      var run = V();
      for (let stop = min(p.planes, plane + 16u * SHARES); plane < stop; plane += SHARES) { run += partial[at + plane * size]; }
      sum += run;
    }
  }
  if (SHARES > 1) {
    shares[lane] = sum;
    workgroupBarrier();
    sum = shares[lane % ELEMENTS];
    for (var share = 1u; share < SHARES; share++) { sum += shares[share * ELEMENTS + lane % ELEMENTS]; }
  }
  if (lane < ELEMENTS && i < count) { dw[i] = sum; }
}
