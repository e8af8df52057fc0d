// mask = 1 for the elements before the one that was found, and for that one if it fits, 0 for the others. A workgroup takes a part. Constants: see gates/select_count. Grid: grid1d(parts).
// variant: {"constants": {"TIES": false}}
// variant: {"constants": {"TIES": true}}
// include gates/select
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> ties: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<vec4u>; // first and end element, range
@group(0) @binding(3) var<storage, read> state: array<Found>;
@group(0) @binding(4) var<storage, read_write> mask: array<f32>;
struct Params { size: u32, parts: u32 }
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let p = wid.y * groups.x + wid.x;
  if (p >= params.parts) { return; }
  let part = parts[p];
  let found = state[part.z];
  for (var i = part.x + lane; i < part.y; i += 64u) {
    let value = order_of(x[i]);
    var tie = 0u;
    if (TIES) { tie = order_of(ties[i]); }
    let place = params.size - 1u - i;
    let before = place > found.place || (place == found.place && found.fits == 1u);
    let kept = value > found.value || (value == found.value && (tie > found.tie || (tie == found.tie && before)));
    mask[i] = select(0.0, 1.0, kept);
  }
}
