// One workgroup reduces one piece of a row, through a tree in workgroup memory. Constants: those of reduce/op, LANES (a power of two). Types: see reduce/row. Grid: grid1d(A·S).
// variant: {"constants": {"FOLD": 0, "TERM": 0, "FINISH": 0, "LANES": 64}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 1, "FINISH": 1, "LANES": 64}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 2, "FINISH": 0, "LANES": 64}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 3, "FINISH": 2, "LANES": 64}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 0, "TERM": 5, "FINISH": 0, "LANES": 64}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 1, "TERM": 4, "FINISH": 0, "LANES": 64}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 3, "TERM": 0, "FINISH": 0, "LANES": 64}, "types": {"X": "vec4f", "Y": "f32"}}
// variant: {"constants": {"FOLD": 2, "TERM": 0, "FINISH": 0, "LANES": 64}, "types": {"X": "vec4h", "Y": "f16"}}
// include reduce/row
var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = wid.y * groups.x + wid.x;
  if (group >= params.count) { return; }
  sums[lane] = share(group, lane);
  for (var width = u32(LANES) / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { sums[lane] = merge(sums[lane], sums[lane + width]); }
  }
  if (lane == 0u) { finish(group, sums[0]); }
}
