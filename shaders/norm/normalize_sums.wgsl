// What the backward pass of shaders/norm/normalize.wgsl sums over a channel: the gradient, and the gradient times the standardized input. Which gradients
// pass the ReLU is computed from x again; where a residual was added (OUTPUT), it is read from the output's sign, and what passes is
// written to `passed`: it is the residual's gradient, and the next kernel then reads it alone instead of dy and the output (7 instead of 8
// times the tensor for both kernels). Entries: norm/reduce_chunk. Constants and types: norm/channel_chunk, where only x has
// rows of its own. Grid: chunks.
// partial: [gradient, product][chunk][partial result].
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "OUTPUT": true, "ROW_STRIDED": false}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "OUTPUT": false, "ROW_STRIDED": false}, "types": {"S": "f32", "H": "f32", "V": "f32"}}
// variant: {"constants": {"GROUP": 256, "BLOCKS": 1, "OUTPUT": true, "ROW_STRIDED": false}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 256, "BLOCKS": 1, "OUTPUT": false, "ROW_STRIDED": false}, "types": {"S": "f16", "H": "f16", "V": "f32"}}
// variant: {"constants": {"GROUP": 256, "BLOCKS": 1, "OUTPUT": false, "ROW_STRIDED": true}, "types": {"S": "u32", "H": "vec2h", "V": "vec2f"}}
struct Params { length: u32, chunk: u32, period: u32, step: u32, gap: u32, floor: f32 }
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read> dy: array<S>;
@group(0) @binding(2) var<storage, read> y: array<S>;
@group(0) @binding(3) var<storage, read> coefficients: array<V>;
@group(0) @binding(4) var<storage, read_write> passed: array<S>;
@group(0) @binding(5) var<storage, read_write> partial: array<V>;
@group(0) @binding(6) var<uniform> params: Params;

// include norm/channel_chunk
// include norm/coefficients

struct Partial { gradient: V, product: V }

fn accumulate(q: u32, begin: u32, end: u32) -> array<Partial, BLOCKS> {
  var blocks = blocks_from(q, begin, end);
  var own = coefficients_from(q);
  var all: array<Partial, BLOCKS>;
  for (var k = 0u; k < BLOCKS; k++) { all[k] = Partial(V(0), V(0)); }
  let low = V(params.floor);
  let skip = skipped(params.step);
  var further = 0u;
  for (var first = begin + q; first < end;) {
    var run: array<Partial, BLOCKS>; // by runs: the error grows with the longest row of additions
    for (var k = 0u; k < BLOCKS; k++) { run[k] = Partial(V(0), V(0)); }
    for (let stop = min(end, first + 32u * params.step); first < stop; first += params.step) {
      for (var k = 0u; k < BLOCKS; k++) {
        let i = first + k * GROUP;
        if (i < blocks.end[k]) {
          let d = V(bitcast<H>(x[i + blocks.skip[k] + further])) - own.mean[k];
          var given = bitcast<H>(dy[i]);
          if (OUTPUT) {
            given = select(given, H(0), V(bitcast<H>(y[i])) <= V(0));
            passed[i] = bitcast<S>(given);
          }
          var g = V(given);
          if (!OUTPUT) { g = select(g, V(0), d * own.scale[k] + own.shift[k] <= low); }
          run[k].gradient += g;
          run[k].product += g * d;
        }
      }
      further += skip;
    }
    for (var k = 0u; k < BLOCKS; k++) {
      all[k].gradient += run[k].gradient;
      all[k].product += run[k].product;
    }
  }
  for (var k = 0u; k < BLOCKS; k++) { all[k].product *= coefficients[params.period + channel_of(q, k)]; }
  return all;
}

fn store(chunks: u32, index: u32, each: u32, own: Partial) {
  partial[index] = own.gradient;
  partial[chunks * each + index] = own.product;
}

var<workgroup> gradients: array<V, GROUP>;
var<workgroup> products: array<V, GROUP>;

fn stage(lane: u32, own: Partial) {
  gradients[lane] = own.gradient;
  products[lane] = own.product;
}

fn join_staged(own: Partial, other: u32) -> Partial {
  return Partial(own.gradient + gradients[other], own.product + products[other]);
}

// include norm/reduce_chunk
