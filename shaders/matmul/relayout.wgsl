// Copies into the layouts that convolution kernels ask for: more or fewer channels a pixel, and transposed or padded weights. Types: Elem, f32 or f16.
// variant: {"types": {"Elem": "f32"}}
// variant: {"types": {"Elem": "f16"}}
@group(0) @binding(0) var<storage, read> input: array<Elem>;
@group(0) @binding(1) var<storage, read_write> output: array<Elem>;
struct Params { a: u32, b: u32, c: u32, sa: u32, sb: u32, sc: u32, jn: u32, kn: u32 }
@group(0) @binding(2) var<uniform> p: Params;

fn index(wid: vec3u, groups: vec3u, lane: u32) -> u32 { return (wid.y * groups.x + wid.x) * 64u + lane; }

// Output [a, c] takes [a, kn] of the input, zeros beyond. A pixel a thread: divisions are slow on software adapters. Grid: grid1d(a / 64).
@compute @workgroup_size(64)
fn channels(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i >= p.a) { return; }
  for (var k = 0u; k < p.c; k++) {
    var value = Elem();
    if (k < p.kn) { value = input[i * p.sa + k]; }
    output[i * p.c + k] = value;
  }
}

// Output [a, b, c] takes element i·sa + j·sb + k·sc of the input where j < jn and k < kn, zeros elsewhere. Grid: grid1d(a·b·c / 64).
@compute @workgroup_size(64)
fn weights(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = index(wid, groups, lane);
  if (at >= p.a * p.b * p.c) { return; }
  let k = at % p.c;
  let j = at / p.c % p.b;
  var value = Elem();
  if (j < p.jn && k < p.kn) { value = input[at / (p.c * p.b) * p.sa + j * p.sb + k * p.sc]; }
  output[at] = value;
}
