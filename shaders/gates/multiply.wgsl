// results = weights · gates, for all layers of a network; with HALF also rounded to f16. Grid and constants: see gates/gates.
// variant: {"constants": {"ROWS": 16, "HALF": false}, "types": {"H": "f32"}}
// variant: {"constants": {"ROWS": 16, "HALF": true}, "types": {"H": "f16"}}
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
@group(0) @binding(3) var<storage, read_write> half: array<H>;
@group(0) @binding(4) var<uniform> params: Params;

// include gates/gates

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let o = owned(wid.y * groups.x + wid.x, lane);
  if (o.pairs == 0u) { return; }
  let by = p[o.layer.gates + o.gate];
  for (var j = 0u; j < o.pairs; j++) {
    for (var k = 0u; k < o.layer.depth; k++) {
      let at = o.first + j * o.step + k * o.level;
      let value = weight[o.layer.weights + at] * by;
      result[o.layer.results + at] = value;
      if (HALF) { half[o.layer.results + at] = H(value); }
    }
  }
}
