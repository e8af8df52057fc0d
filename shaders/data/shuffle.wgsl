// Include, no kernel: one place of an epoch's random order, without the others: a Feistel network over as many bits as `count` takes, walked on until its value is
// below `count` (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). src/data/arrays/shuffle.ts makes the same order on the CPU.
// include tensor/random
const SHUFFLE_STREAM = 0x5f0e7u;
const SHUFFLE_ROUNDS = 8u;

fn shuffled(place: u32, count: u32, seed: u32, epoch: u32) -> u32 {
  let bits = max(32u - countLeadingZeros(max(count - 1u, 1u)), 2u);
  let low = bits >> 1u;
  let low_mask = (1u << low) - 1u;
  let high_mask = (1u << (bits - low)) - 1u;
  var found = place;
  loop {
    var a = found >> low;
    var b = found & low_mask;
    for (var round = 0u; round < SHUFFLE_ROUNDS; round += 2u) {
      a = (a ^ random_u32(seed, SHUFFLE_STREAM, epoch, (round << 16u) | b).x) & high_mask;
      b = (b ^ random_u32(seed, SHUFFLE_STREAM, epoch, ((round + 1u) << 16u) | a).x) & low_mask;
    }
    found = (a << low) | b;
    if (found < count) { break; }
  }
  return found;
}
