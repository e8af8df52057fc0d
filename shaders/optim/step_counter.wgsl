// What an optimizer needs to know at this step: the learning rate from the schedule (its last entry holds for ever), Adam's bias corrections, and what gradients are
// multiplied with: one over the loss scale and, with WIDTH above 1, what clips their norm, which WIDTH threads add up from shaders/optim/look.wgsl's squares. Then the
// clock goes on, unless a value was found that is not finite: after a NaN nothing may change. Nor where a gradient, or their norm, is not finite: then the loss
// scale is halved. It is doubled after `interval` good steps; an interval of 0 leaves it alone. Grid: 1.
// now: [learning rate, 1 − beta1ⁿ, 1 − beta2ⁿ, what to multiply gradients with, or 0 to hold].
// variant: {"constants": {"WIDTH": 1}}
// variant: {"constants": {"WIDTH": 64}}
struct Params { steps: u32, rate1: f32, rate2: f32, interval: u32, parts: u32, most: f32 }
@group(0) @binding(0) var<storage, read> schedule: array<f32>;
@group(0) @binding(1) var<storage, read> found_non_finite: array<u32>;
@group(0) @binding(2) var<storage, read> squares: array<f32>;
@group(0) @binding(3) var<storage, read_write> clock: array<u32>;
@group(0) @binding(4) var<storage, read_write> now: array<f32>;
@group(0) @binding(5) var<storage, read_write> scaling: array<f32>; // the scale, good steps since it last changed
@group(0) @binding(6) var<storage, read_write> found: array<u32>;
@group(0) @binding(7) var<storage, read_write> norm: array<f32>; // of all gradients, unscaled, before they are clipped
@group(0) @binding(8) var<uniform> params: Params;

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

var<workgroup> cells: array<f32, WIDTH>;

@compute @workgroup_size(WIDTH)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (WIDTH > 1) {
    var mine = 0.0;
    for (var i = lane; i < params.parts; i += WIDTH) { mine += squares[i]; }
    cells[lane] = mine;
    for (var width = u32(WIDTH) / 2u; width > 0u; width >>= 1u) {
      workgroupBarrier();
      if (lane < width) { cells[lane] += cells[lane + width]; }
    }
  }
  if (lane > 0u) { return; }
  var clip = 1.0;
  var bad = found[0] != 0u;
  if (WIDTH > 1) {
    let length = sqrt(cells[0]);
    norm[0] = length;
    bad = bad || (bitcast<u32>(cells[0]) & 0x7f800000u) == 0x7f800000u;
    // torch.nn.utils.clip_grad_norm_
    clip = min(1.0, params.most / (length + 1e-6));
  }
  let step = clock[0];
  let open = found_non_finite[0] == 0u;
  let scale = scaling[0];
  let overflow = bad && scale > LEAST;
  let go = open && !overflow;
  now[0] = schedule[min(step, params.steps - 1u)];
  now[1] = complement(f32(step + 1u) * params.rate1);
  now[2] = complement(f32(step + 1u) * params.rate2);
  // 1 / scale, a power of two, by its exponent: a division may be off by some ulp.
  now[3] = select(0.0, clip * bitcast<f32>(0x7f000000u - bitcast<u32>(scale)), go);
  clock[0] = step + select(0u, 1u, go);
  found[0] = 0u;
  if (!open || params.interval == 0u) { return; }
  let good = select(scaling[1] + 1.0, 0.0, overflow);
  let grows = good >= f32(params.interval);
  scaling[0] = min(MOST, scale * select(select(1.0, 2.0, grows), 0.5, overflow));
  scaling[1] = select(good, 0.0, grows);
}
