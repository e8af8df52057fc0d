// Mean and sum of squared deviations, of chunks of x. Each workgroup takes a chunk `chunk` long, a thread walks it in steps that are a
// multiple of the channels' period, so all it meets at one of its BLOCKS places is of the same channels. A batch of values at a time is summed as
// deviations from the mean of those before; the first, a short one, from its first value, which may lie far out: what cancels grows with the
// square of its length. Entry apart: each of the `step` places of a chunk gives moments of its own. Entry joined (step ≤ GROUP): threads on the
// same channels join theirs, `period` of them remain.
// Types: S as stored, H as that reads, V as computed. Grid: chunks. partial: [mean, squares][chunk][slot].
// ROW_STRIDED: x has channels behind those that are looked at, see shaders/norm/row_stride.wgsl.
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

// include norm/row_stride

// Lengths of the first batch and of those after it.
const FIRST = 16u;
const LATER = 128u;
struct Moments { count: f32, mean: V, squares: V }

fn value(i: u32) -> V { return V(bitcast<H>(x[i])); }

// Chan, Golub and LeVeque's rule; b is not empty.
fn join(a: Moments, b: Moments) -> Moments {
  let count = a.count + b.count;
  let share = b.count / count;
  let d = b.mean - a.mean;
  return Moments(count, a.mean + d * share, a.squares + b.squares + d * (a.count * share) * d);
}

fn met(begin: u32, end: u32, q: u32) -> array<Moments, BLOCKS> {
  var all: array<Moments, BLOCKS>;
  var behind: array<u32, BLOCKS>;
  var ahead: array<u32, BLOCKS>;
  for (var k = 0u; k < BLOCKS; k++) {
    all[k] = Moments(0.0, V(0), V(0));
    behind[k] = select(begin, end, q + k * GROUP < params.step);
    ahead[k] = k * GROUP + skipped(begin + q + k * GROUP);
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
      origin[k] = select(all[k].mean, value(first + ahead[k] + further), all[k].count == 0.0);
      sum[k] = V(0); // a variable's own zero comes once, not in every turn of the loop around it (Dawn 0.6.2 on llvmpipe)
      squares[k] = V(0);
    }
    for (var i = first; i < stop; i += params.step) {
      for (var k = 0u; k < BLOCKS; k++) {
        if (i + k * GROUP < behind[k]) {
          let d = value(i + ahead[k] + further) - origin[k];
          sum[k] += d;
          squares[k] += d * d;
        }
      }
      further += skip;
    }
    for (var k = 0u; k < BLOCKS; k++) {
      let own = first + k * GROUP;
      if (own >= behind[k]) { continue; }
      let count = f32((min(stop + k * GROUP, behind[k]) - 1u - own) / params.step + 1u);
      let left = squares[k] - sum[k] * sum[k] / count;
      all[k] = join(all[k], Moments(count, origin[k] + sum[k] / count, select(left, V(0), left < V(0))));
    }
  }
  return all;
}

fn store(chunks: u32, slot: u32, slots: u32, moments: Moments) {
  partial[slot] = moments.mean;
  partial[chunks * slots + slot] = moments.squares;
}

@compute @workgroup_size(GROUP)
fn apart(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = min(begin + params.chunk, params.length);
  for (var q = lane; q < params.step; q += GROUP * BLOCKS) {
    var all = met(begin, end, q);
    for (var k = 0u; k < BLOCKS; k++) {
      let place = q + k * GROUP;
      if (place < params.step) { store(groups.x, wid.x * params.step + place, params.step, all[k]); }
    }
  }
}

var<workgroup> counts: array<f32, GROUP>;
var<workgroup> means: array<V, GROUP>;
var<workgroup> rests: array<V, GROUP>;

@compute @workgroup_size(GROUP)
fn joined(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = wid.x * params.chunk;
  let end = select(0u, min(begin + params.chunk, params.length), lane < params.step);
  var own = met(begin, end, lane)[0];
  counts[lane] = own.count;
  means[lane] = own.mean;
  rests[lane] = own.squares;
  for (var parts = params.step / params.period; parts > 1u; parts = (parts + 1u) / 2u) {
    workgroupBarrier();
    let far = (parts + 1u) / 2u * params.period;
    let other = lane + far;
    if (other < parts * params.period && counts[other] > 0.0) {
      own = join(own, Moments(counts[other], means[other], rests[other]));
      counts[lane] = own.count;
      means[lane] = own.mean;
      rests[lane] = own.squares;
    }
  }
  if (lane < params.period) { store(groups.x, wid.x * params.period + lane, params.period, own); }
}
