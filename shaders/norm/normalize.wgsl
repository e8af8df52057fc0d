// y = (x − mean)·scale + shift, plus a residual on request, at least `floor` (0 fuses a ReLU, the lowest f32 is none). Each workgroup takes a
// contiguous chunk, `chunk` long; a thread walks it in steps that keep its channels, so it reads its coefficients once. It keeps those of
// BLOCKS places, so that channels beyond GROUP need no pass of their own. On llvmpipe workgroups of 8 on chunks move nearly twice what threads
// do that stride through the whole, and 4 blocks 1.7 times what 4 passes do. Types: see shaders/norm/moments.wgsl.
// Grid: chunks. coefficients: [mean, 1 / deviation, scale, shift][period]. ROW_STRIDED: x has channels behind those that y has, see shaders/norm/row_stride.wgsl.
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "RESIDUAL": true, "ROW_STRIDED": false}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": false, "ROW_STRIDED": false}, "types": {"S": "f32", "H": "f32", "V": "f32"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": true, "ROW_STRIDED": false}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": false, "ROW_STRIDED": false}, "types": {"S": "f16", "H": "f16", "V": "f32"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": false, "ROW_STRIDED": true}, "types": {"S": "u32", "H": "vec2h", "V": "vec2f"}}
struct Params { length: u32, chunk: u32, period: u32, step: u32, gap: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read> residual: array<S>;
@group(0) @binding(2) var<storage, read> coefficients: array<V>;
@group(0) @binding(3) var<storage, read_write> y: array<S>;
@group(0) @binding(4) var<uniform> params: Params;

// include norm/row_stride

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = min(begin + params.chunk, params.length);
  let low = V(params.floor);
  let skip = skipped(params.step);
  for (var q = lane; q < params.step; q += GROUP * BLOCKS) {
    var mean: array<V, BLOCKS>;
    var scale: array<V, BLOCKS>;
    var shift: array<V, BLOCKS>;
    var behind: array<u32, BLOCKS>;
    var ahead: array<u32, BLOCKS>;
    for (var k = 0u; k < BLOCKS; k++) {
      let place = q + k * GROUP;
      let at = place % params.period;
      mean[k] = coefficients[at];
      scale[k] = coefficients[at + 2u * params.period];
      shift[k] = coefficients[at + 3u * params.period];
      behind[k] = select(begin, end, place < params.step);
      ahead[k] = skipped(begin + place);
    }
    var further = 0u;
    for (var first = begin + q; first < end; first += params.step) {
      for (var k = 0u; k < BLOCKS; k++) {
        let i = first + k * GROUP;
        if (i < behind[k]) {
          var v = (V(bitcast<H>(x[i + ahead[k] + further])) - mean[k]) * scale[k] + shift[k];
          if (RESIDUAL) { v += V(bitcast<H>(residual[i])); }
          y[i] = bitcast<S>(H(select(v, low, v < low))); // NaN stays NaN
        }
      }
      further += skip;
    }
  }
}
