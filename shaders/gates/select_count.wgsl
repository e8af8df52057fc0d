// Adds to counts [ranges, 256] what the elements cost that have the digits found so far, by their next digit: of the value, the tie or the place (`key` in the uniform). A workgroup takes a part. Integers, so
// exact in any order. Constants: PRICED, whether `costs` says what each costs, or each costs 1; TIES, whether there are ties. Grid: grid1d(parts).
// variant: {"constants": {"PRICED": false, "TIES": false}}
// variant: {"constants": {"PRICED": true, "TIES": true}}
// include gates/select
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> ties: array<u32>;
@group(0) @binding(2) var<storage, read> costs: array<u32>;
@group(0) @binding(3) var<storage, read> parts: array<vec4u>; // first and end element, range
@group(0) @binding(4) var<storage, read> state: array<Found>;
@group(0) @binding(5) var<storage, read_write> counts: array<atomic<u32>>;
struct Params { key: u32, shift: u32, size: u32, first: u32, parts: u32, ranges: u32 }
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> own: array<atomic<u32>, 256>;

// Whether the digits before the one at `shift` are those found.
fn fits(value: u32, found: u32) -> bool {
  return params.shift >= 24u || ((value ^ found) >> (params.shift + 8u)) == 0u;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let p = wid.y * groups.x + wid.x;
  let inside = p < params.parts;
  let part = parts[min(p, params.parts - 1u)];
  var found = Found();
  if (params.first == 0u) { found = state[part.z]; }
  for (var bin = lane; bin < 256u; bin += 64u) { atomicStore(&own[bin], 0u); }
  workgroupBarrier();
  if (inside) {
    for (var i = part.x + lane; i < part.y; i += 64u) {
      let value = order_of(x[i]);
      var tie = 0u;
      if (TIES && params.key != VALUE) { tie = order_of(ties[i]); }
      let place = params.size - 1u - i;
      let equal = value == found.value;
      var digits = value;
      var mine = fits(value, found.value);
      if (params.key == TIE) {
        digits = tie;
        mine = equal && fits(tie, found.tie);
      } else if (params.key == PLACE) {
        digits = place;
        mine = equal && tie == found.tie && fits(place, found.place);
      }
      var cost = 1u;
      if (PRICED) { cost = costs[i]; }
      if (mine) { atomicAdd(&own[(digits >> params.shift) & 255u], cost); }
    }
  }
  workgroupBarrier();
  for (var bin = lane; bin < 256u; bin += 64u) {
    let sum = atomicLoad(&own[bin]);
    if (inside && sum > 0u) { atomicAdd(&counts[part.z * 256u + bin], sum); }
  }
}
