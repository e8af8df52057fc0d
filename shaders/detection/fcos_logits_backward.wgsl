// The gradient of the focal loss of fcos_terms, divided as in fcos_finish, by each logit [rows, columns]. Four elements a thread. Grid: grid1d(elements / 4 / 64).
// variant: {"types": {"F": "vec4f", "B": "vec4u", "Logit": "f32"}}
// variant: {"types": {"F": "vec4f", "B": "vec4u", "Logit": "f16"}}
// include detection/focal
@group(0) @binding(0) var<storage, read> logits: array<Logit>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> sums: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<Logit>;
struct Params { rows: u32, columns: u32, alpha: f32, gamma: f32 }
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = 4u * ((wid.y * groups.x + wid.x) * 64u + lane);
  let total = params.rows * params.columns;
  if (first >= total) { return; }
  let here = min(4u, total - first);
  var z = -ENDLESS;
  var weight = F(0);
  for (var i = 0u; i < here; i++) {
    let row = (first + i) / params.columns;
    let label = labels[row];
    let x = f32(logits[first + i]);
    let yes = label == (first + i) % params.columns;
    z[i] = select(x, -x, yes);
    if (label <= params.columns) { weight[i] = select(1.0 - params.alpha, -params.alpha, yes); }
  }
  let slope = select(F(0), weight * focal_slope(z, params.gamma), weight != F(0)) * (gradient[0] / max(sums[1], 1.0));
  for (var i = 0u; i < here; i++) { dx[first + i] = Logit(slope[i]); }
}
