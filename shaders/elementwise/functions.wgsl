// Functions of one tensor or two of one size, element by element, four at a time: an entry each, and one for a gradient. Those that compute do so in f32. Where an
// entry takes one tensor, b is any. Types: V, how they are stored, vec4f or vec4h, and those of elementwise/floor. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4f", "F": "vec4f", "B": "vec4u"}}
// variant: {"constants": {"GROUP": 256}, "types": {"V": "vec4f", "F": "vec4f", "B": "vec4u"}}
// variant: {"constants": {"GROUP": 256}, "types": {"V": "vec4h", "F": "vec4f", "B": "vec4u"}}
@group(0) @binding(0) var<storage, read> a: array<V>;
@group(0) @binding(1) var<storage, read> b: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<V>;

// include tensor/chunk
// include elementwise/floor

@compute @workgroup_size(GROUP)
fn reluForward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(at_least(vec4f(a[i]), vec4f(0))); }
}

// a: the op's output, b: its gradient.
@compute @workgroup_size(GROUP)
fn reluBackward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = select(b[i], V(0), a[i] <= V(0)); }
}

@compute @workgroup_size(GROUP)
fn sigmoidForward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(1.0 / (1.0 + exp(-vec4f(a[i])))); }
}

// a: the op's output, b: its gradient.
@compute @workgroup_size(GROUP)
fn sigmoidBackward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(vec4f(b[i]) * vec4f(a[i]) * (1.0 - vec4f(a[i]))); }
}

@compute @workgroup_size(GROUP)
fn absForward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = abs(a[i]); }
}

// a: the op's input, b: the gradient of its output.
@compute @workgroup_size(GROUP)
fn absBackward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = sign(a[i]) * b[i]; }
}

@compute @workgroup_size(GROUP)
fn add(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(vec4f(a[i]) + vec4f(b[i])); }
}

@compute @workgroup_size(GROUP)
fn sub(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(vec4f(a[i]) - vec4f(b[i])); }
}

@compute @workgroup_size(GROUP)
fn mul(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(vec4f(a[i]) * vec4f(b[i])); }
}

// a: the norm, b: its gradient. What the input is multiplied with; 0 where the norm is 0.
@compute @workgroup_size(GROUP)
fn normBackward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(select(vec4f(b[i]) / vec4f(a[i]), vec4f(0), vec4f(a[i]) == vec4f(0))); }
}
