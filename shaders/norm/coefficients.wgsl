// Include, no kernel: the coefficients that a thread of norm/channel_chunk keeps. coefficients: [mean, 1 / deviation, scale, shift][period].
struct Coefficients { mean: array<V, BLOCKS>, scale: array<V, BLOCKS>, shift: array<V, BLOCKS> }

/// The channel, in the period, of block k of a thread that begins at value `q` of a step.
fn channel_of(q: u32, k: u32) -> u32 { return (q + k * GROUP) % params.period; }

fn coefficients_from(q: u32) -> Coefficients {
  var own: Coefficients;
  for (var k = 0u; k < BLOCKS; k++) {
    let channel = channel_of(q, k);
    own.mean[k] = coefficients[channel];
    own.scale[k] = coefficients[2u * params.period + channel];
    own.shift[k] = coefficients[3u * params.period + channel];
  }
  return own;
}
