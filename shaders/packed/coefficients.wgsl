// Include, no kernel: the coefficients of a segment, for a lane's channels. coefficients: [segment][mean, 1 / deviation, scale, shift][channels].
struct Coefficients { mean: V, inverse: V, scale: V, shift: V }

fn coefficients_of(segment: u32, c: u32) -> Coefficients {
  let at = segment * 4u * params.width + c;
  return Coefficients(
    coefficients[at], coefficients[at + params.width], coefficients[at + 2u * params.width], coefficients[at + 3u * params.width]
  );
}
