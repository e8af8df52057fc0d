// Adds a step's loss and right answers to running sums, or, at the first loss that is not finite, notes the step and adds nothing from then on. A step of several
// passes adds a share of each loss, and is counted with the last.
// One thread. Finiteness is tested on bits: WGSL lets a compiler assume that floats are finite.
struct Params { share: f32, first: u32, last: u32 }
@group(0) @binding(0) var<storage, read> loss: array<u32>;
@group(0) @binding(1) var<storage, read> correct: array<u32>;
@group(0) @binding(2) var<storage, read_write> lossSum: array<f32>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>; // right answers, steps
@group(0) @binding(4) var<storage, read_write> found_non_finite: array<u32>;  // 0, or the bad step counted from 1; steps so far
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  if (found_non_finite[0] != 0u) { return; }
  found_non_finite[1] += params.first;
  if ((loss[0] & 0x7f800000u) == 0x7f800000u) {
    found_non_finite[0] = found_non_finite[1];
    return;
  }
  lossSum[0] += params.share * bitcast<f32>(loss[0]);
  counts[0] += correct[0];
  counts[1] += params.last;
}
