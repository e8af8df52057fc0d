// Probe: how many multiply-adds the adapter does when nothing else is in the way. Ten independent chains a thread, as five pairs: a pair of f16 fits one
// register of a GPU. llvmpipe does 77 GFLOP/s a core with five pairs, 64 with four and 66 with six, which no longer fit its sixteen registers; with 8 steps a
// trip in place of 16 it does 71. Every chain tends to shift / (1 − factor), so the result tells whether all steps were done. Grid: any.
// variant: {"types": {"Elem": "f32"}, "constants": {"GROUP": 64}}
// variant: {"types": {"Elem": "f16"}, "constants": {"GROUP": 64}}
struct Params { trips: u32, factor: f32, shift: f32 }
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;

alias Pair = vec2<Elem>;
alias Chains = array<Pair, 5>;

fn step(x: ptr<function, Chains>, a: Pair, b: Pair) {
  (*x)[0] = fma((*x)[0], a, b);
  (*x)[1] = fma((*x)[1], a, b);
  (*x)[2] = fma((*x)[2], a, b);
  (*x)[3] = fma((*x)[3], a, b);
  (*x)[4] = fma((*x)[4], a, b);
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = Pair(Elem(params.factor));
  let b = Pair(Elem(params.shift));
  let start = Elem(1.0) + Elem(id.x % 64u) / Elem(64.0);
  var x: Chains;
  for (var i = 0; i < 5; i++) { x[i] = Pair(start, start + Elem(f32(i)) / Elem(8.0)); }
  for (var trip = 0u; trip < params.trips; trip++) {
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
    step(&x, a, b);
  }
  let sum = x[0] + x[1] + x[2] + x[3] + x[4];
  y[id.x] = (f32(sum.x) + f32(sum.y)) / 10.0;
}
