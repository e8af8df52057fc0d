// Functions of one tensor, element by element, four at a time. Grid: see stretch.
// variant: {"constants": {"GROUP": 8}}
// variant: {"constants": {"GROUP": 256}}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

// include stretch

@compute @workgroup_size(GROUP)
fn relu(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = stretch(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = select(x[i], vec4f(0), x[i] < vec4f(0)); }
}

@compute @workgroup_size(GROUP)
fn sigmoid(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = stretch(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = 1.0 / (1.0 + exp(-x[i])); }
}

@compute @workgroup_size(GROUP)
fn magnitude(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = stretch(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = abs(x[i]); }
}
