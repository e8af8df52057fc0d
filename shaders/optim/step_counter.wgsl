// What an optimizer needs to know at this step, worked out by one thread: the learning rate from the schedule (its last entry holds for ever)
// and Adam's bias corrections. Then the clock goes on, unless a value was found that is not finite: after a NaN nothing may change. Nor where shaders/optim/overflow.wgsl found
// a gradient that is not finite: then the loss scale is halved. It is doubled after `interval` good steps; an interval of 0 leaves it alone.
// now: [learning rate, 1 − beta1ⁿ, 1 − beta2ⁿ, what to multiply gradients with, or 0 to hold].
struct Params { steps: u32, rate1: f32, rate2: f32, interval: u32 }
@group(0) @binding(0) var<storage, read> schedule: array<f32>;
@group(0) @binding(1) var<storage, read> found_non_finite: array<u32>;
@group(0) @binding(2) var<storage, read_write> clock: array<u32>;
@group(0) @binding(3) var<storage, read_write> now: array<f32>;
@group(0) @binding(4) var<storage, read_write> scaling: array<f32>; // the scale, good steps since it last changed
@group(0) @binding(5) var<storage, read_write> found: array<u32>;
@group(0) @binding(6) var<uniform> params: Params;

// A scale this small has made no overflow: the step is taken, and the loss of the next one tells.
const LEAST = 0x1p-16;
// Both the scale and one over it stay finite.
const MOST = 0x1p100;

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
  let open = found_non_finite[0] == 0u;
  let scale = scaling[0];
  let overflow = found[0] != 0u && scale > LEAST;
  let go = open && !overflow;
  now[0] = schedule[min(step, params.steps - 1u)];
  now[1] = complement(f32(step + 1u) * params.rate1);
  now[2] = complement(f32(step + 1u) * params.rate2);
  // 1 / scale, a power of two, by its exponent: a division may be off by some ulp.
  now[3] = select(0.0, bitcast<f32>(0x7f000000u - bitcast<u32>(scale)), go);
  clock[0] = step + select(0u, 1u, go);
  found[0] = 0u;
  if (!open || params.interval == 0u) { return; }
  let good = select(scaling[1] + 1.0, 0.0, overflow);
  let grows = good >= f32(params.interval);
  scaling[0] = min(MOST, scale * select(select(1.0, 2.0, grows), 0.5, overflow));
  scaling[1] = select(good, 0.0, grows);
}
