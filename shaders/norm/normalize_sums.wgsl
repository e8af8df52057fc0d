// What the backward pass of shaders/norm/normalize.wgsl sums over a channel: the gradient, and the gradient times the standardized input. Which gradients
// pass the ReLU is computed from x again; where a residual was added (OUTPUT), it is read from the output's sign, and what passes is
// written to `passed`: it is the residual's gradient, and the next kernel then reads it alone instead of dy and the output (7 instead of 8
// times the tensor for both kernels). Entries, walk, types and grid: see shaders/norm/moments.wgsl; only x may be ROW_STRIDED.
// partial: [gradient, product][chunk][slot].
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

// include norm/row_stride

struct Sums { gradient: V, product: V }

fn met(q: u32, begin: u32, end: u32) -> array<Sums, BLOCKS> {
  var mean: array<V, BLOCKS>;
  var scale: array<V, BLOCKS>;
  var shift: array<V, BLOCKS>;
  var behind: array<u32, BLOCKS>;
  var ahead: array<u32, BLOCKS>;
  var all: array<Sums, BLOCKS>;
  for (var k = 0u; k < BLOCKS; k++) {
    let place = q + k * GROUP;
    let at = place % params.period;
    mean[k] = coefficients[at];
    scale[k] = coefficients[at + 2u * params.period];
    shift[k] = coefficients[at + 3u * params.period];
    behind[k] = select(begin, end, place < params.step);
    ahead[k] = skipped(begin + place);
    all[k] = Sums(V(0), V(0));
  }
  let low = V(params.floor);
  let skip = skipped(params.step);
  var further = 0u;
  for (var first = begin + q; first < end; first += params.step) {
    for (var k = 0u; k < BLOCKS; k++) {
      let i = first + k * GROUP;
      if (i < behind[k]) {
        let d = V(bitcast<H>(x[i + ahead[k] + further])) - mean[k];
        var given = bitcast<H>(dy[i]);
        if (OUTPUT) {
          given = select(given, H(0), V(bitcast<H>(y[i])) <= V(0));
          passed[i] = bitcast<S>(given);
        }
        var g = V(given);
        if (!OUTPUT) { g = select(g, V(0), d * scale[k] + shift[k] <= low); }
        all[k].gradient += g;
        all[k].product += g * d;
      }
    }
    further += skip;
  }
  for (var k = 0u; k < BLOCKS; k++) {
    all[k].product *= coefficients[params.period + (q + k * GROUP) % params.period];
  }
  return all;
}

fn store(chunks: u32, slot: u32, slots: u32, sums: Sums) {
  partial[slot] = sums.gradient;
  partial[chunks * slots + slot] = sums.product;
}

@compute @workgroup_size(GROUP)
fn apart(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = min(begin + params.chunk, params.length);
  for (var q = lane; q < params.step; q += GROUP * BLOCKS) {
    var all = met(q, begin, end);
    for (var k = 0u; k < BLOCKS; k++) {
      let place = q + k * GROUP;
      if (place < params.step) { store(groups.x, wid.x * params.step + place, params.step, all[k]); }
    }
  }
}

var<workgroup> gradients: array<V, GROUP>;
var<workgroup> products: array<V, GROUP>;

@compute @workgroup_size(GROUP)
fn joined(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = select(0u, min(begin + params.chunk, params.length), lane < params.step);
  var own = met(lane, begin, end)[0];
  gradients[lane] = own.gradient;
  products[lane] = own.product;
  for (var parts = params.step / params.period; parts > 1u; parts = (parts + 1u) / 2u) {
    workgroupBarrier();
    let other = lane + (parts + 1u) / 2u * params.period;
    if (other < parts * params.period) {
      own.gradient += gradients[other];
      own.product += products[other];
      gradients[lane] = own.gradient;
      products[lane] = own.product;
    }
  }
  if (lane < params.period) { store(groups.x, wid.x * params.period + lane, params.period, own); }
}
