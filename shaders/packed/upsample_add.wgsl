// y[i] = x[i], and with ADD also up[index[i]], where a pixel has an index; 0 where it has none (all ones). Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8, "ADD": true}}
// variant: {"constants": {"GROUP": 256, "ADD": false}}
struct Params { count: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> up: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// include tensor/chunk

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) {
    let there = index[i];
    var value = 0.0;
    if (there != 0xffffffffu) {
      value = x[i];
      if (ADD) { value += up[there]; }
    }
    y[i] = value;
  }
}
