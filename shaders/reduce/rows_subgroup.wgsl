// One workgroup, which is one subgroup, reduces pieces of rows, `each` of them in turn, without workgroup memory. Constants: those of reduce/op, LANES (the adapter's only
// subgroup size). Types: see reduce/row. Grid: grid1d(A·S / each).
// variant: {"constants": {"FOLD": 0, "TERM": 0, "FINISH": 0, "LANES": 8}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 1, "FINISH": 1, "LANES": 8}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 2, "FINISH": 0, "LANES": 8}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 3, "FINISH": 2, "LANES": 8}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 5, "FINISH": 0, "LANES": 8}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 1, "TERM": 4, "FINISH": 0, "LANES": 8}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 3, "TERM": 0, "FINISH": 0, "LANES": 8}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 2, "TERM": 0, "FINISH": 0, "LANES": 8}, "types": {"X": "vec4h", "Y": "f16"}}
enable subgroups;
// include reduce/row

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.y * groups.x + wid.x) * params.each;
  let end = min(first + params.each, params.count);
  for (var group = first; group < end; group++) { one(group, lane); }
}

fn one(group: u32, lane: u32) {
  let mine = share(group, lane);
  var sofar: f32;
  if (EXTREME) {
    let own = met(vec4f(mine));
    sofar = result_of(Fold(vec4f(0), vec4i(subgroupMax(own.high.x)), vec4u(subgroupMin(own.low.x)), vec4u(subgroupMax(own.most.x)))).x;
  } else if (FOLD == 1) {
    sofar = subgroupMul(mine);
  } else {
    sofar = subgroupAdd(mine);
  }
  if (lane == 0u) { finish(group, sofar); }
}
