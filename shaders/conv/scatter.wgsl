// Convolution, stationary form, input to output: an input pixel is loaded once and multiplied for the TX output columns it touches, whose sums
// move along with it: column ox collects input column ix through tap t where ox = ix·S + t − pw. That is the data gradient of a convolution
// with horizontal stride S, and with S = 1 and the taps in reverse order its forward direction too. Rows go by the window.
// Grid: column blocks of 8·V × splits. Constants: S, and those of conv/stationary; TX is the kernel's width; TY is 1, or 3 for 3 rows at once.
// variant: {"constants": {"V": 2, "W": 2, "TX": 3, "TY": 3, "S": 1}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec2f"}}
// variant: {"constants": {"V": 4, "W": 2, "TX": 3, "TY": 1, "S": 1}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 3, "TY": 1, "S": 1}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec4f"}}
// variant: {"constants": {"V": 2, "W": 4, "TX": 2, "TY": 1, "S": 2}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec2f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 2, "TY": 1, "S": 2}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec4f"}}
// variant: {"constants": {"V": 2, "W": 4, "TX": 3, "TY": 1, "S": 1}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec2f"}}
enable subgroups;
// include conv/stationary

var<private> acc: array<Col, TX>;

fn multiply(value: f32, k: i32, tap: i32) {
  for (var t = 0; t < TX; t++) { acc[t] += value * block[(tap + t) * C + k]; }
}

/// The sums of the first S columns from `ox` on are complete; the others move up.
fn emit(row: i32, ox: i32, first: bool) {
  for (var t = 0; t < min(S, TX); t++) {
    if (ox + t >= 0 && ox + t < p.wo) { put(row, ox + t, acc[t], first); }
  }
  for (var t = 0; t < TX; t++) {
    if (t + S < TX) { acc[t] = acc[t + S]; } else { acc[t] = Col(); }
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) index: u32) {
  let rows = enter(wid, index);
  let one = p.one;
  var first = p.fresh == 1;
  for (var channel = 0; channel < p.ci; channel += C) {
    for (var ky = 0; ky < p.kh; ky += TY) {
      fill(ky, 0, channel);
      for (var r = rows.x; r < rows.y; r++) {
        let image = r / p.ho;
        let iy = r % p.ho * p.sh - p.ph + ky * p.dh;
        let in0 = iy >= 0 && iy < p.h;
        let in1 = iy + p.dh >= 0 && iy + p.dh < p.h;
        let in2 = iy + 2 * p.dh >= 0 && iy + 2 * p.dh < p.h;
        if (TY == 1 && !first && !in0) { continue; }
        let x0 = line(image, iy);
        let x1 = line(image, iy + p.dh);
        let x2 = line(image, iy + 2 * p.dh);
        let row = image * p.yn + r % p.ho * p.yh;
        for (var t = 0; t < TX; t++) { acc[t] = Col(); }
        for (var ix = 0; ix < p.w; ix++) {
          feed(select(In(), load(x0 + ix, channel), in0), 0, one);
          if (TY > 1) { feed(select(In(), load(x1 + ix, channel), in1), TX, one); }
          if (TY > 2) { feed(select(In(), load(x2 + ix, channel), in2), 2 * TX, one); }
          emit(row, ix * S - p.pw, first);
        }
        for (var t = 0; t < p.kw - S; t += S) { emit(row, p.w * S - p.pw + t, first); }
      }
      first = false;
    }
  }
}
