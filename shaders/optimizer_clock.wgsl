// What an optimiser needs to know at this step, worked out by one thread: the learning rate from the schedule (its last entry holds for ever)
// and Adam's bias corrections. Then the clock goes on, unless the latch is set: after a NaN nothing may change.
// now: [learning rate, 1 − beta1ⁿ, 1 − beta2ⁿ, 1 to step or 0 to hold].
struct Params { steps: u32, rate1: f32, rate2: f32 }
@group(0) @binding(0) var<storage, read> schedule: array<f32>;
@group(0) @binding(1) var<storage, read> latch: array<u32>;
@group(0) @binding(2) var<storage, read_write> clock: array<u32>;
@group(0) @binding(3) var<storage, read_write> now: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// 1 − exp(−x): by its series near 0, where the difference would cancel.
fn complement(x: f32) -> f32 {
  if (x > 0.5) { return 1.0 - exp(-x); }
  var sum = 1.0;
  for (var k = 10.0; k > 1.0; k -= 1.0) { sum = 1.0 - x / k * sum; }
  return x * sum;
}

@compute @workgroup_size(1)
fn main() {
  let step = clock[0];
  let go = latch[0] == 0u;
  now[0] = schedule[min(step, params.steps - 1u)];
  now[1] = complement(f32(step + 1u) * params.rate1);
  now[2] = complement(f32(step + 1u) * params.rate2);
  now[3] = select(0.0, 1.0, go);
  clock[0] = step + select(0u, 1u, go);
}
