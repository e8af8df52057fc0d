// y [n, h, w] of two vec4f: how alike each color is to the eight that lie two places away, row by row from the top left; 0 to those that do not count. Colors [n, h, w] of
// vec4f, as detection/lab makes them. Grid: grid1d(colors / 64).
struct Params { h: u32, w: u32, count: u32 }
@group(0) @binding(0) var<storage, read> colors: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let own = colors[i].xyz;
  let row = i32(i / params.w % params.h);
  let column = i32(i % params.w);
  var similar: array<f32, 8>;
  for (var k = 0; k < 8; k++) {
    let place = k + i32(k >= 4); // the middle is left out
    let down = (place / 3 - 1) * 2;
    let right = (place % 3 - 1) * 2;
    let there = vec2i(row + down, column + right);
    if (all(there >= vec2i()) && there.x < i32(params.h) && there.y < i32(params.w)) {
      let other = colors[i32(i) + down * i32(params.w) + right];
      similar[k] = other.w * exp(-0.5 * distance(own, other.xyz));
    }
  }
  y[2u * i] = vec4f(similar[0], similar[1], similar[2], similar[3]);
  y[2u * i + 1u] = vec4f(similar[4], similar[5], similar[6], similar[7]);
}
