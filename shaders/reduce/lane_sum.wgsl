// Include, no kernel: sums over the lanes of a 64-wide workgroup that share `lane % CHANNELS`, LANES = 64 / CHANNELS of them, in lane order.
// Every lane gets its sum. To be called by all lanes together.
var<workgroup> lane_sums: array<f32, 64>;

fn lane_sum(value: f32, lane: u32) -> f32 {
  if (LANES == 1) { return value; }
  workgroupBarrier();
  lane_sums[lane] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var k = lane % CHANNELS; k < 64u; k += CHANNELS) { sum += lane_sums[k]; }
  return sum;
}
