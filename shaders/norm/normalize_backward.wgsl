// The input's gradient of shaders/norm/normalize.wgsl: scale·(g − share·(Σg + x̂·Σg x̂)), where share is 1 / count for statistics of this batch and
// 0 for fixed ones, and g is dy where the output lies above `floor`. Constants and types: norm/channel_chunk, where dy has the walk's
// rows; ADDS: dx is there already, and is added to. Grid: chunks.
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

// include norm/channel_chunk
// include norm/coefficients

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = min(begin + params.chunk, params.length);
  let low = V(params.floor);
  let skip = skipped(params.step);
  for (var q = lane; q < params.step; q += GROUP * BLOCKS) {
    var blocks = blocks_from(q, begin, end);
    var own = coefficients_from(q);
    var level: array<V, BLOCKS>;
    var steep: array<V, BLOCKS>;
    for (var k = 0u; k < BLOCKS; k++) {
      let channel = channel_of(q, k);
      level[k] = params.share * sums[channel];
      steep[k] = params.share * sums[params.period + channel] * coefficients[params.period + channel];
    }
    var further = 0u;
    for (var first = begin + q; first < end; first += params.step) {
      for (var k = 0u; k < BLOCKS; k++) {
        let i = first + k * GROUP;
        if (i < blocks.end[k]) {
          let at = i + blocks.skip[k] + further;
          let d = V(bitcast<H>(x[at])) - own.mean[k];
          let g = select(V(bitcast<H>(dy[i])), V(0), d * own.scale[k] + own.shift[k] <= low);
          var slant = own.scale[k] * (g - level[k] - d * steep[k]);
          if (ADDS) { slant += V(bitcast<H>(dx[at])); }
          dx[at] = bitcast<S>(H(slant));
        }
      }
      further += skip;
    }
  }
}
