// y [N, C]: 1 where a row's class is the column, else 0, four elements at a time. Type: V, vec4f or vec4h. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 256}, "types": {"V": "vec4h"}}
// include tensor/chunk
@group(0) @binding(0) var<storage, read> labels: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<V>;
struct Params { rows: u32, classes: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk((params.rows * params.classes + 3u) / 4u, wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) {
    let at = vec4u(4u * i) + vec4u(0, 1, 2, 3);
    let row = at / params.classes;
    let column = at - row * params.classes;
    let last = vec4u(params.rows - 1u);
    let own = min(row, last);
    let label = vec4u(labels[own.x], labels[own.y], labels[own.z], labels[own.w]);
    y[i] = select(V(0), V(1), column == label);
  }
}
