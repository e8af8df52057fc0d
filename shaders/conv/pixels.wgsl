// Every sh-th row's every sw-th pixel of images [n, h, w, channels] into images [n, ho, wo, channels] (`take`), or from there back among zeros (`spread`). A
// 1×1 convolution with strides is one without on what `take` gives. Types: V, a pixel's unit of storage, whatever it holds. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 256}, "types": {"V": "f16"}}
@group(0) @binding(0) var<storage, read> input: array<V>;
@group(0) @binding(1) var<storage, read_write> output: array<V>;
struct Params { n: u32, h: u32, w: u32, channels: u32, ho: u32, wo: u32, sh: u32, sw: u32 }
@group(0) @binding(2) var<uniform> p: Params;

// include tensor/chunk

@compute @workgroup_size(GROUP)
fn take(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(p.n * p.ho * p.wo * p.channels, wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) {
    let pixel = i / p.channels;
    let row = pixel / p.wo;
    let source = (row / p.ho * p.h + row % p.ho * p.sh) * p.w + pixel % p.wo * p.sw;
    output[i] = input[source * p.channels + i % p.channels];
  }
}

@compute @workgroup_size(GROUP)
fn spread(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(p.n * p.h * p.w * p.channels, wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) {
    let pixel = i / p.channels;
    let row = pixel / p.w;
    let y = row % p.h;
    let x = pixel % p.w;
    var value = V();
    if (y % p.sh == 0u && x % p.sw == 0u) {
      value = input[((row / p.h * p.ho + y / p.sh) * p.wo + x / p.sw) * p.channels + i % p.channels];
    }
    output[i] = value;
  }
}
