// One workgroup, which is one subgroup, reduces one piece of a row without workgroup memory. Constants: OP, LANES (the adapter's only
// subgroup size). Grid: grid1d(A·S).
// variant: {"constants": {"OP": 0, "LANES": 8}}
// variant: {"constants": {"OP": 2, "LANES": 8}}
// variant: {"constants": {"OP": 1, "LANES": 8}}
enable subgroups;
// include reduce/row

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = wid.y * groups.x + wid.x;
  if (group >= params.count) { return; }
  let mine = share(group, lane);
  var sofar: f32;
  if (OP == 2) {
    let own = met(vec4f(mine));
    sofar = result_of(Fold(vec4f(0), vec4i(subgroupMax(own.key.x)), vec4u(subgroupMax(own.size.x)))).x;
  } else {
    sofar = subgroupAdd(mine);
  }
  if (lane == 0u) { finish(group, sofar); }
}
