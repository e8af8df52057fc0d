// The gradients of the losses of boxes and of centerness, see fcos_terms and fcos_finish, at each location: entry `boxes` by its four sides, entry `centers` by its logit. `given` is
// the sides or the logits, dx their gradient. One location a thread. Grid: grid1d(rows / 64).
// variant: {"types": {"F": "vec4f", "B": "vec4u", "X": "f32"}}
// variant: {"types": {"F": "vec4f", "B": "vec4u", "X": "f16"}}
// include detection/focal
// include detection/fcos_box
@group(0) @binding(0) var<storage, read> given: array<X>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> wanted: array<vec4f>;
@group(0) @binding(3) var<storage, read> sums: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<X>;
struct Params { rows: u32, columns: u32 }
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn boxes(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (wid.y * groups.x + wid.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let at = 4u * row;
  var slope = vec4f();
  if (labels[row] < params.columns) {
    let q = wanted[row];
    let p = vec4f(f32(given[at]), f32(given[at + 1u]), f32(given[at + 2u]), f32(given[at + 3u]));
    slope = centerness_of(q) * gradient[0] / max(sums[2], 1e-6) * giou_slope(p, q);
  }
  for (var k = 0u; k < 4u; k++) { dx[at + k] = X(slope[k]); }
}

@compute @workgroup_size(64)
fn centers(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (wid.y * groups.x + wid.x) * 64u + lane;
  if (row >= params.rows) { return; }
  var slope = 0.0;
  if (labels[row] < params.columns) {
    let m = missed(F(f32(given[row])));
    slope = (exp(-m.right).x - centerness_of(wanted[row])) * gradient[0] / max(sums[1], 1.0);
  }
  dx[row] = X(slope);
}
