// Reduces a weight [depth, pairs] over its depth, a thread for V pairs (V = vec4f, I = vec4u, or f32 and u32). With ABSOLUTE it is |weight|.
// Grid: x pairs / 64, folded (grid1d).
// variant: {"constants": {"ABSOLUTE": false}, "types": {"V": "f32", "I": "u32"}}
// variant: {"constants": {"ABSOLUTE": false}, "types": {"V": "vec4f", "I": "vec4u"}}
// variant: {"constants": {"ABSOLUTE": true}, "types": {"V": "vec4f", "I": "vec4u"}}
// variant: {"constants": {"ABSOLUTE": true}, "types": {"V": "f32", "I": "u32"}}
struct Params { depth: u32, pairs: u32 }
@group(0) @binding(0) var<storage, read> weight: array<V>;
@group(0) @binding(1) var<storage, read_write> result: array<V>;
@group(0) @binding(2) var<storage, read_write> place: array<I>;
@group(0) @binding(3) var<uniform> params: Params;

fn value(at: u32) -> V {
  if (ABSOLUTE) { return abs(weight[at]); }
  return weight[at];
}

// `place` is not used.
@compute @workgroup_size(64)
fn sum(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = (wid.y * groups.x + wid.x) * 64u + lane;
  if (r >= params.pairs) { return; }
  var total = V(0);
  for (var k = 0u; k < params.depth; k++) { total += value(k * params.pairs + r); }
  result[r] = total;
}

// place ← the level of the first largest value.
@compute @workgroup_size(64)
fn largest(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = (wid.y * groups.x + wid.x) * 64u + lane;
  if (r >= params.pairs) { return; }
  var best = value(r);
  var at = I(0);
  for (var k = 1u; k < params.depth; k++) {
    let v = value(k * params.pairs + r);
    let better = v > best;
    best = select(best, v, better);
    at = select(at, I(k), better);
  }
  result[r] = best;
  place[r] = at;
}
