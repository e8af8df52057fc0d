// Backward of shaders/gates/multiply.wgsl: d_p = Σ dy·weight over a gate's weights and, with WEIGHT, d_weight = dy·p, in one walk. dy lies where the results
// did, d_weight at `others`. Grid and constants: see gates/gates.
// variant: {"constants": {"ROWS": 16, "WEIGHT": false}}
// variant: {"constants": {"ROWS": 16, "WEIGHT": true}}
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_p: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_weight: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include gates/gates

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let o = owned(wid.y * groups.x + wid.x, lane);
  if (o.pairs == 0u) { return; }
  let by = p[o.layer.gates + o.gate];
  var sum = 0.0;
  for (var j = 0u; j < o.pairs; j++) {
    for (var k = 0u; k < o.layer.depth; k++) {
      let at = o.first + j * o.step + k * o.level;
      let g = dy[o.layer.results + at];
      sum += g * weight[o.layer.weights + at];
      if (WEIGHT) { d_weight[o.layer.others + at] = g * by; }
    }
  }
  d_p[o.layer.gates + o.gate] = sum;
}
