// Colors of squares of pixels: colors [n, h, w] of vec4f, the CIE LAB of the average of a square, cut off to whole bytes, and 1 where it counts, else 0: where the pixel in the
// middle of the square is within the extents (rows, columns) of its picture. Pixels are RGB bytes [n, height, width, 3], four to a word. sRGB under D65, with the constants of
// scikit-image's rgb2lab. Grid: grid1d(colors / 64).
struct Params { height: u32, width: u32, h: u32, w: u32, stride: u32, count: u32 }
@group(0) @binding(0) var<storage, read> pixels: array<u32>;
@group(0) @binding(1) var<storage, read> extents: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> colors: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn byte(at: u32) -> u32 { return (pixels[at >> 2u] >> ((at & 3u) * 8u)) & 0xffu; }

// pow() is good to some 1e-6 only, and the axes of LAB are 500 times as long as what its roots differ by: a step of Newton's takes each root to the last bit.
fn cube_root(x: f32) -> f32 {
  let r = pow(x, 1.0 / 3.0);
  return r - (r * r * r - x) / (3.0 * r * r);
}

// Of a byte.
fn linear_light(value: u32) -> f32 {
  let s = f32(value) / 255.0;
  if (s <= 0.04045) { return s / 12.92; }
  let base = (s + 0.055) / 1.055;
  let square = base * base;
  // base to the power of 2.4.
  let r = pow(square, 0.2);
  let fourth = r * r * r * r;
  return square * (r - (fourth * r - square) / (5.0 * fourth));
}

fn lightness(t: f32) -> f32 {
  if (t > 0.008856) { return cube_root(t); }
  return 7.787 * t + 16.0 / 116.0;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let n = i / (params.h * params.w);
  let first = vec2u(i / params.w % params.h, i % params.w) * params.stride;
  var sum = vec3u();
  for (var row = 0u; row < params.stride; row++) {
    var at = ((n * params.height + first.x + row) * params.width + first.y) * 3u;
    for (var column = 0u; column < params.stride; column++) {
      sum += vec3u(byte(at), byte(at + 1u), byte(at + 2u));
      at += 3u;
    }
  }
  let average = sum / (params.stride * params.stride);
  let light = vec3f(linear_light(average.x), linear_light(average.y), linear_light(average.z));
  // By the white of D65.
  let x = lightness(dot(vec3f(0.412453, 0.357580, 0.180423), light) / 0.95047);
  let y = lightness(dot(vec3f(0.212671, 0.715160, 0.072169), light));
  let z = lightness(dot(vec3f(0.019334, 0.119193, 0.950227), light) / 1.08883);
  let middle = first + params.stride / 2u;
  let counts = all(middle < extents[n]);
  colors[i] = vec4f(116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z), select(0.0, 1.0, counts));
}
