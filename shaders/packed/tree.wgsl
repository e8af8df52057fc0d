// Include, no kernel: adds up two values over the lanes of a workgroup that share a channel, `params.rows` of them, a power of two. Lanes of the first row
// get the sums. To be called by all lanes together.
struct Pair { first: V, second: V }
var<workgroup> firsts: array<V, LANES>;
var<workgroup> seconds: array<V, LANES>;

fn tree(mine: Pair, lane: u32) -> Pair {
  firsts[lane] = mine.first;
  seconds[lane] = mine.second;
  for (var half = params.rows / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane / params.width < half) {
      firsts[lane] += firsts[lane + half * params.width];
      seconds[lane] += seconds[lane + half * params.width];
    }
  }
  return Pair(firsts[lane], seconds[lane]);
}
