// Include, no kernel: the error function and the normal distribution, within a few units in the last place, also where they are nearly 0. Types: see elementwise/math.

fn erf(v: F) -> F {
  let size = abs(v);
  let t = min(size, F(4));
  let z = t * t;
  let near = fma(v, fma(z, fma(z, fma(z, fma(z, fma(z, fma(z, F(8.21542663e-5), F(-8.10596591e-4)), F(5.19779725e-3)), F(-0.0268581043)), F(0.112836725)), F(-0.376126323)), F(0.128379166)), v);
  // The logarithm of 1 − erf is nearly a square.
  let tail = exp(fma(t, fma(t, fma(t, fma(t, fma(t, fma(t, F(1.98219588e-4), F(-3.06548962e-3)), F(0.0223152102)), F(-0.104113673)), F(-0.63697609)), F(-1.12779724)), F(-1.66448646e-4)));
  return select(select(signed(1.0 - tail, v), near, size < F(0.95)), v, is_nan(v));
}

// How probable more than t ≥ 0 is.
fn normal_tail(t: F) -> F {
  let held = min(t, F(14.5));
  let u = (held - 3.0) / (held + 3.0);
  let scaled = fma(u, fma(u, fma(u, fma(u, fma(u, fma(u, fma(u, fma(u, fma(u, F(5.31619567e-5), F(1.15013713e-4)), F(-3.39012889e-4)), F(-9.83288249e-4)), F(2.90438739e-3)), F(6.13194229e-3)), F(-0.0462132636)), F(0.123225041)), F(-0.20640262)), F(0.121513948));
  // Half the square of t as a number of few bits and the rest.
  let high = leading(held);
  return scaled * exp_of_sum(-0.5 * high * high, -0.5 * (held - high) * (held + high));
}
fn normal_density(v: F) -> F { return 0.398942280 * exp(-0.5 * v * v); }
// How probable less than v is.
fn normal(v: F) -> F {
  let tail = normal_tail(abs(v));
  return select(select(1.0 - tail, tail, bitcast<B>(v) > B(0x7fffffffu)), v, is_nan(v));
}

// The approximation of the normal distribution that gelu is often computed with, ½ (1 + tanh(√(2/π) (v + 0.044715 v³))), and the slope of v times that.
fn nearly_normal(v: F) -> F { return sigmoid(v * fma(v * v, F(0.0713548163), F(1.59576912))); }
fn gelu_tanh_slope(v: F) -> F {
  let held = clamp(v, F(-20), F(20));
  let p = nearly_normal(v);
  return fma(held * p * (1.0 - p), fma(held * held, F(0.214064449), F(1.59576912)), p);
}
