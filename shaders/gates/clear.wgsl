// What belongs to weights whose gate is 0 becomes 0: a momentum, which lies as the weights do, from `others` on. Grid and constants: see gates/gates.
// variant: {"constants": {"ROWS": 16}}
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// include gates/gates

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let o = owned(wid.y * groups.x + wid.x, lane);
  if (o.pairs == 0u || p[o.layer.gates + o.gate] != 0.0) { return; }
  for (var j = 0u; j < o.pairs; j++) {
    for (var k = 0u; k < o.layer.depth; k++) { values[o.layer.others + o.first + j * o.step + k * o.level] = 0.0; }
  }
}
