// Include, no kernel: what norm/normalize reads of one place of a period, from its mean and variance. The shader has gamma, beta, coefficients and params.
fn write(index: u32, mean: f32, variance: f32) {
  let channel = index % params.channels;
  let inverse = 1.0 / sqrt(variance + params.eps);
  coefficients[index] = mean;
  coefficients[params.period + index] = inverse;
  coefficients[2u * params.period + index] = inverse * gamma[channel];
  coefficients[3u * params.period + index] = beta[channel];
}
