// The mask logits of every instance: see detection/mask_head. An instance's workgroup takes a share of its positions, side by side. What is no instance has logits of 0.
// Grid: x shares of the positions, y instances of an image, z images.
// variant: {"constants": {"GROUP": 8}, "types": {"X": "vec4f", "W": "f32", "Y": "f32"}, "includes": {"detection/mask_head_held": "detection/mask_head_held_subgroup"}}
// variant: {"constants": {"GROUP": 8}, "types": {"X": "vec4f", "W": "f32", "Y": "f32"}, "includes": {"detection/mask_head_held": "detection/mask_head_held_own"}}
// variant: {"constants": {"GROUP": 64}, "types": {"X": "vec4h", "W": "f16", "Y": "f16"}}
// include detection/mask_head
@group(0) @binding(4) var<storage, read_write> logits: array<Y>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let instance = wid.z * params.instances + wid.y;
  let there = is_there(instance);
  hold(instance * COUNT, lane);
  let first = wid.x * params.share;
  let end = min(params.positions, first + params.share);
  for (var p = first + lane; p < end; p += GROUP) {
    var logit = 0.0;
    if (there) {
      var x = input_of(wid.z, p);
      x.near = nearness(p, instance);
      logit = logit_of(second_layer(first_layer(x)));
    }
    logits[instance * params.positions + p] = Y(logit);
  }
}
