// The input's gradient of shaders/norm/normalize.wgsl: scale·(g − share·(Σg + x̂·Σg x̂)), where share is 1 / count for statistics of this batch and
// 0 for fixed ones, and g is dy where the output lies above `floor`. Same walk and grid as there.
// ROW_STRIDED: x and dx have channels behind those of dy. ADDS: dx is there already, and is added to.
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "ROW_STRIDED": false, "ADDS": false}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "ROW_STRIDED": false, "ADDS": false}, "types": {"S": "f32", "H": "f32", "V": "f32"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "ROW_STRIDED": false, "ADDS": false}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "ROW_STRIDED": false, "ADDS": false}, "types": {"S": "f16", "H": "f16", "V": "f32"}}
// variant: {"constants": {"GROUP": 64, "BLOCKS": 1, "ROW_STRIDED": true, "ADDS": true}, "types": {"S": "u32", "H": "vec2h", "V": "vec2f"}}
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "ROW_STRIDED": true, "ADDS": true}, "types": {"S": "f32", "H": "f32", "V": "f32"}}
struct Params { length: u32, chunk: u32, period: u32, step: u32, gap: u32, floor: f32, share: f32 }
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read> dy: array<S>;
@group(0) @binding(2) var<storage, read> coefficients: array<V>;
@group(0) @binding(3) var<storage, read> sums: array<V>;
@group(0) @binding(4) var<storage, read_write> dx: array<S>;
@group(0) @binding(5) var<uniform> params: Params;

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
    var level: array<V, BLOCKS>;
    var steep: array<V, BLOCKS>;
    var behind: array<u32, BLOCKS>;
    var ahead: array<u32, BLOCKS>;
    for (var k = 0u; k < BLOCKS; k++) {
      let place = q + k * GROUP;
      let at = place % params.period;
      mean[k] = coefficients[at];
      scale[k] = coefficients[at + 2u * params.period];
      shift[k] = coefficients[at + 3u * params.period];
      level[k] = params.share * sums[at];
      steep[k] = params.share * sums[params.period + at] * coefficients[at + params.period];
      behind[k] = select(begin, end, place < params.step);
      ahead[k] = skipped(begin + place);
    }
    var further = 0u;
    for (var first = begin + q; first < end; first += params.step) {
      for (var k = 0u; k < BLOCKS; k++) {
        let i = first + k * GROUP;
        if (i < behind[k]) {
          let at = i + ahead[k] + further;
          let d = V(bitcast<H>(x[at])) - mean[k];
          let g = select(V(bitcast<H>(dy[i])), V(0), d * scale[k] + shift[k] <= low);
          var slant = scale[k] * (g - level[k] - d * steep[k]);
          if (ADDS) { slant += V(bitcast<H>(dx[at])); }
          dx[at] = bitcast<S>(H(slant));
        }
      }
      further += skip;
    }
  }
}
