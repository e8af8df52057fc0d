// What each location adds to the losses: terms [5, rows] of the focal loss of its classes, 1 where it has an object, how central it is there, the box's loss by that, and the
// cross-entropy of its centerness. A label of `columns` is no object, a larger one counts nothing. Constants: LANES (see reduce/row_lanes).
// Grid: grid1d(rows·LANES / 64).
// variant: {"constants": {"LANES": 1}, "types": {"F": "vec4f", "B": "vec4u", "Logit": "f32", "Side": "f32", "Center": "f32"}}
// variant: {"constants": {"LANES": 8}, "types": {"F": "vec4f", "B": "vec4u", "Logit": "f16", "Side": "f16", "Center": "f32"}}
// include reduce/row_lanes
// include detection/focal
// include detection/fcos_box
@group(0) @binding(0) var<storage, read> logits: array<Logit>;
@group(0) @binding(1) var<storage, read> regression: array<Side>;
@group(0) @binding(2) var<storage, read> centerness: array<Center>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> wanted: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> terms: array<f32>;
struct Params { rows: u32, columns: u32, alpha: f32, gamma: f32 }
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let place = row_of(wid.y * groups.x + wid.x, local);
  let row = min(place, params.rows - 1u);
  let label = labels[row];
  var sum = F(0);
  if (label <= params.columns) {
    for (var c = 4u * (local % LANES); c < params.columns; c += 4u * LANES) {
      var z = -ENDLESS;
      var weight = F(1.0 - params.alpha);
      for (var i = 0u; i < min(4u, params.columns - c); i++) { z[i] = f32(logits[row * params.columns + c + i]); }
      if (label < params.columns && label - c < 4u) {
        z[label - c] = -z[label - c];
        weight[label - c] = params.alpha;
      }
      sum += select(F(0), weight * focal(z, params.gamma), weight != F(0));
    }
  }
  let classes = row_sum(local, (sum.x + sum.y) + (sum.z + sum.w));
  if (place >= params.rows || local % LANES != 0u) { return; }
  var own = vec4f();
  if (label < params.columns) {
    let q = wanted[row];
    let at = 4u * row;
    let p = vec4f(f32(regression[at]), f32(regression[at + 1u]), f32(regression[at + 2u]), f32(regression[at + 3u]));
    let central = centerness_of(q);
    let m = missed(F(f32(centerness[row])));
    own = vec4f(1.0, central, central * giou_loss(p, q), central * m.right.x + (1.0 - central) * m.wrong.x);
  }
  terms[row] = classes;
  for (var k = 0u; k < 4u; k++) { terms[(k + 1u) * params.rows + row] = own[k]; }
}
