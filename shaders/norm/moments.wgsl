// Mean and sum of squared deviations of each channel, of chunks of x. A batch of values at a time is summed as deviations from the mean of those before; the
// first, a short one, from its first value, which may lie far out: what cancels grows with the square of its length.
// Entries: norm/reduce_chunk. Constants and types: norm/channel_chunk. Grid: chunks. partial: [mean, squares][chunk][partial result].
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "ROW_STRIDED": false}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "ROW_STRIDED": false}, "types": {"S": "f32", "H": "f32", "V": "f32"}}
// variant: {"constants": {"GROUP": 256, "BLOCKS": 1, "ROW_STRIDED": false}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 256, "BLOCKS": 1, "ROW_STRIDED": false}, "types": {"S": "f16", "H": "f16", "V": "f32"}}
// variant: {"constants": {"GROUP": 8, "BLOCKS": 4, "ROW_STRIDED": true}, "types": {"S": "vec2f", "H": "vec2f", "V": "vec2f"}}
// variant: {"constants": {"GROUP": 256, "BLOCKS": 1, "ROW_STRIDED": true}, "types": {"S": "u32", "H": "vec2h", "V": "vec2f"}}
struct Params { length: u32, chunk: u32, period: u32, step: u32, gap: u32 }
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read_write> partial: array<V>;
@group(0) @binding(2) var<uniform> params: Params;

// include norm/channel_chunk

// Lengths of the first batch and of those after it.
const FIRST = 16u;
const LATER = 128u;
struct Partial { count: f32, mean: V, squares: V }

fn value(i: u32) -> V { return V(bitcast<H>(x[i])); }

// Chan, Golub and LeVeque's rule; b is not empty.
fn join(a: Partial, b: Partial) -> Partial {
  let count = a.count + b.count;
  let share = b.count / count;
  let d = b.mean - a.mean;
  return Partial(count, a.mean + d * share, a.squares + b.squares + d * (a.count * share) * d);
}

fn accumulate(q: u32, begin: u32, end: u32) -> array<Partial, BLOCKS> {
  var blocks = blocks_from(q, begin, end);
  var all: array<Partial, BLOCKS>;
  for (var k = 0u; k < BLOCKS; k++) {
    all[k] = Partial(0.0, V(0), V(0));
    blocks.skip[k] += k * GROUP;
  }
  let skip = skipped(params.step);
  var further = 0u;
  var stop = begin + q;
  for (var first = stop; first < end; first = stop) {
    stop = min(end, first + select(LATER, FIRST, first == begin + q) * params.step);
    var origin: array<V, BLOCKS>;
    var sum: array<V, BLOCKS>;
    var squares: array<V, BLOCKS>;
    for (var k = 0u; k < BLOCKS; k++) {
      origin[k] = select(all[k].mean, value(first + blocks.skip[k] + further), all[k].count == 0.0);
      sum[k] = V(0); // a variable's own zero comes once, not in every turn of the loop around it (Dawn 0.6.2 on llvmpipe)
      squares[k] = V(0);
    }
    for (var i = first; i < stop; i += params.step) {
      for (var k = 0u; k < BLOCKS; k++) {
        if (i + k * GROUP < blocks.end[k]) {
          let d = value(i + blocks.skip[k] + further) - origin[k];
          sum[k] += d;
          squares[k] += d * d;
        }
      }
      further += skip;
    }
    for (var k = 0u; k < BLOCKS; k++) {
      let own = first + k * GROUP;
      if (own >= blocks.end[k]) { continue; }
      let count = f32((min(stop + k * GROUP, blocks.end[k]) - 1u - own) / params.step + 1u);
      let left = squares[k] - sum[k] * sum[k] / count;
      all[k] = join(all[k], Partial(count, origin[k] + sum[k] / count, select(left, V(0), left < V(0))));
    }
  }
  return all;
}

fn store(chunks: u32, index: u32, each: u32, own: Partial) {
  partial[index] = own.mean;
  partial[chunks * each + index] = own.squares;
}

var<workgroup> counts: array<f32, GROUP>;
var<workgroup> means: array<V, GROUP>;
var<workgroup> rests: array<V, GROUP>;

fn stage(lane: u32, own: Partial) {
  counts[lane] = own.count;
  means[lane] = own.mean;
  rests[lane] = own.squares;
}

fn join_staged(own: Partial, other: u32) -> Partial {
  if (counts[other] == 0.0) { return own; }
  return join(own, Partial(counts[other], means[other], rests[other]));
}

// include norm/reduce_chunk
