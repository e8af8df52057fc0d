// y = (x − mean)·scale + shift, plus a residual on request, at least `floor` (0 fuses a ReLU, −∞ is none). Constants and types: norm/channel_chunk, where the
// residual and y have the walk's rows; RESIDUAL. Grid: chunks.
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "RESIDUAL": true, "ROW_STRIDED": false}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f", "F": "vec4f", "B": "vec4u"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": false, "ROW_STRIDED": false}, "types": {"S": "f32", "H": "f32", "V": "f32", "F": "f32", "B": "u32"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": true, "ROW_STRIDED": false}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f", "F": "vec4f", "B": "vec4u"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": false, "ROW_STRIDED": false}, "types": {"S": "f16", "H": "f16", "V": "f32", "F": "f32", "B": "u32"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "RESIDUAL": false, "ROW_STRIDED": true}, "types": {"S": "u32", "H": "vec2h", "V": "vec2f", "F": "vec2f", "B": "vec2u"}}
struct Params { length: u32, chunk: u32, period: u32, step: u32, gap: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read> residual: array<S>;
@group(0) @binding(2) var<storage, read> coefficients: array<V>;
@group(0) @binding(3) var<storage, read_write> y: array<S>;
@group(0) @binding(4) var<uniform> params: Params;

// include norm/channel_chunk
// include norm/coefficients
// include elementwise/floor

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = min(begin + params.chunk, params.length);
  let low = V(params.floor);
  let skip = skipped(params.step);
  for (var q = lane; q < params.step; q += GROUP * BLOCKS) {
    var blocks = blocks_from(q, begin, end);
    var own = coefficients_from(q);
    var further = 0u;
    for (var first = begin + q; first < end; first += params.step) {
      for (var k = 0u; k < BLOCKS; k++) {
        let i = first + k * GROUP;
        if (i < blocks.end[k]) {
          var v = (V(bitcast<H>(x[i + blocks.skip[k] + further])) - own.mean[k]) * own.scale[k] + own.shift[k];
          if (RESIDUAL) { v += V(bitcast<H>(residual[i])); }
          y[i] = bitcast<S>(H(at_least(v, low)));
        }
      }
      further += skip;
    }
  }
}
