// One number for each gate: the mean of its weights or, with MAX, the largest, whose index is noted; of the weights times p with GATED, times a tensor that
// lies like them with TIMES (in place of p), of magnitudes with ABSOLUTE. Grid and constants: see gates/gates.
// variant: {"constants": {"ROWS": 16, "MAX": false, "GATED": false, "TIMES": false, "ABSOLUTE": false}}
// variant: {"constants": {"ROWS": 16, "MAX": true, "GATED": true, "TIMES": false, "ABSOLUTE": true}}
// variant: {"constants": {"ROWS": 16, "MAX": false, "GATED": false, "TIMES": true, "ABSOLUTE": true}}
@group(0) @binding(2) var<storage, read_write> feature: array<f32>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

// include gates/gates

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let o = owned(wid.y * groups.x + wid.x, lane);
  if (o.pairs == 0u) { return; }
  let gate = o.layer.gates + o.gate;
  var by = 1.0;
  if (GATED) { by = p[gate]; }
  var sum = 0.0;
  var run = 0.0; // of up to 64 values: long sums are sums of runs
  var added = 0u;
  var best = 0.0;
  var found = o.first;
  var size = 0u; // as in pool/max: NaN wins, and is looked for in the bits
  for (var j = 0u; j < o.pairs; j++) {
    for (var k = 0u; k < o.layer.depth; k++) {
      let at = o.first + j * o.step + k * o.level;
      var value = weight[o.layer.weights + at] * by;
      if (TIMES) { value *= p[o.layer.others + at]; }
      if (ABSOLUTE) { value = abs(value); }
      run += value;
      added++;
      if (added % 64u == 0u) {
        sum += run;
        run = 0.0;
      }
      let own = bitcast<u32>(value) & 0x7fffffffu;
      let better = at == o.first || (value > best && size <= 0x7f800000u) || own > 0x7f800000u;
      size = max(size, own);
      if (better) {
        best = value;
        found = at;
      }
    }
  }
  feature[gate] = select((sum + run) / f32(o.pairs * o.layer.depth), best, MAX);
  if (MAX) { argmax[gate] = found; }
}
