// Functions of one tensor, element by element, four at a time. Grid: see strided.
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

// include strided

@compute @workgroup_size(64)
fn relu(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = arrayLength(&y);
  for (var i = first_of(wid, groups, lane); i < end; i += step_of(groups)) { y[i] = select(x[i], vec4f(0), x[i] < vec4f(0)); }
}

@compute @workgroup_size(64)
fn sigmoid(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = arrayLength(&y);
  for (var i = first_of(wid, groups, lane); i < end; i += step_of(groups)) { y[i] = 1.0 / (1.0 + exp(-x[i])); }
}

@compute @workgroup_size(64)
fn magnitude(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = arrayLength(&y);
  for (var i = first_of(wid, groups, lane); i < end; i += step_of(groups)) { y[i] = abs(x[i]); }
}
