// Backward of shaders/gates/features.wgsl for the weights: d_weight = the gate's dy, shared by all its weights or, with MAX, to the one at `argmax`; times p
// with GATED, with the sign of the weight under ABSOLUTE. Grid and constants: see gates/gates.
// variant: {"constants": {"ROWS": 16, "MAX": false, "GATED": false, "ABSOLUTE": false}}
// variant: {"constants": {"ROWS": 16, "MAX": true, "GATED": true, "ABSOLUTE": true}}
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> argmax: array<u32>;
@group(0) @binding(4) var<storage, read_write> d_weight: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include gates/gates

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let o = owned(wid.y * groups.x + wid.x, lane);
  if (o.pairs == 0u) { return; }
  let gate = o.layer.gates + o.gate;
  var by = 1.0;
  if (GATED) { by = p[gate]; }
  let share = dy[gate] * by * select(1.0 / f32(o.pairs * o.layer.depth), 1.0, MAX);
  for (var j = 0u; j < o.pairs; j++) {
    for (var k = 0u; k < o.layer.depth; k++) {
      let at = o.first + j * o.step + k * o.level;
      var value = share;
      if (ABSOLUTE) { value *= sign(weight[o.layer.weights + at] * by); }
      if (MAX && at != argmax[gate]) { value = 0.0; }
      d_weight[o.layer.others + at] = value;
    }
  }
}
