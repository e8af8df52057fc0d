// Convolution, stationary form, output from input: every output pixel loads the taps it needs, TX of a kernel row for each block of weights. For strides
// and dilations, where neighbors share little. Grid: column blocks of 8·V × splits. Constants: those of conv/stationary; TX: 1 or 3, TY: 1.
// variant: {"constants": {"V": 4, "W": 2, "TX": 1, "TY": 1}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 1, "TY": 1}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec4f"}}
// variant: {"constants": {"V": 2, "W": 4, "TX": 1, "TY": 1}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec2f"}}
// variant: {"constants": {"V": 2, "W": 2, "TX": 1, "TY": 1}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec2f"}}
// variant: {"constants": {"V": 4, "W": 2, "TX": 3, "TY": 1}, "types": {"In": "vec2f", "Stored": "vec2f", "Col": "vec4f"}}
// variant: {"constants": {"V": 4, "W": 4, "TX": 3, "TY": 1}, "types": {"In": "vec4f", "Stored": "vec4f", "Col": "vec4f"}}
enable subgroups;
// include conv/stationary

// Four running sums a lane in all: a single vector of two would wait for its own additions.
const SUMS = 4 / V;
var<private> acc: array<Col, SUMS>;

fn multiply(value: f32, k: i32, tap: i32) { acc[k % SUMS] += value * block[tap * C + k]; }

fn tap(row: i32, inside: bool, ix: i32, channel: i32) -> In {
  return select(In(), load(row + clamp(ix, 0, p.w - 1), channel), inside && ix >= 0 && ix < p.w);
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) index: u32) {
  let rows = enter(wid, index);
  let one = p.one;
  var first = p.fresh == 1;
  for (var channel = 0; channel < p.ci; channel += C) {
    for (var ky = 0; ky < p.kh; ky++) {
      for (var kx = 0; kx < p.kw; kx += TX) {
        fill(ky, kx, channel);
        for (var r = rows.x; r < rows.y; r++) {
          let image = r / p.ho;
          let iy = r % p.ho * p.sh - p.ph + ky * p.dh;
          let inside = iy >= 0 && iy < p.h;
          if (!first && !inside) { continue; }
          let above = line(image, iy);
          for (var ox = 0; ox < p.wo; ox++) {
            let ix = ox * p.sw - p.pw + kx * p.dw;
            for (var i = 0; i < SUMS; i++) { acc[i] = Col(); }
            feed(tap(above, inside, ix, channel), 0, one);
            if (TX > 1) { feed(tap(above, inside, ix + p.dw, channel), 1, one); }
            if (TX > 2) { feed(tap(above, inside, ix + 2 * p.dw, channel), 2, one); }
            var sum = acc[0];
            for (var i = 1; i < SUMS; i++) { sum += acc[i]; }
            put(image * p.yn + r % p.ho * p.yh, ox, sum, first);
          }
        }
        first = false;
      }
    }
  }
}
