// What share of each class an image of a mixed batch is: `share` of its own label, the rest of the label of the image as far from the batch's end as it is from its
// beginning. The share is the second word of data/finish_batch's plan. Of a batch that comes in parts it makes the
// one of `size` images from `begin` on. Grid: grid1d(size · classes / 64).
struct Params { batch: u32, classes: u32, begin: u32, size: u32 }
@group(0) @binding(0) var<storage, read> labels: array<u32>;
@group(0) @binding(1) var<storage, read> plan: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.size * params.classes) { return; }
  let place = i / params.classes;
  let class_ = i - place * params.classes;
  let b = params.begin + place;
  let share = bitcast<f32>(plan[0].y);
  y[i] = select(0.0, share, labels[b] == class_) + select(0.0, 1.0 - share, labels[params.batch - 1u - b] == class_);
}
