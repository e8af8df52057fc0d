// The gradient of the features of the mask head, see detection/mask_head: each thread goes through the instances of its image in order and makes their layers again, which costs
// less than to have kept them. Grid: x shares of the positions, y images.
// variant: {"constants": {"GROUP": 8}, "types": {"X": "vec4f", "W": "f32", "Y": "f32"}, "includes": {"detection/mask_head_held": "detection/mask_head_held_subgroup"}}
// variant: {"constants": {"GROUP": 64}, "types": {"X": "vec4h", "W": "f16", "Y": "f16"}}
// include detection/mask_head
@group(0) @binding(4) var<storage, read> dlogits: array<Y>;
@group(0) @binding(5) var<storage, read_write> dfeatures: array<X>;
@group(0) @binding(6) var<uniform> params: Params;

// What four features get of one instance; of those that begin at the weight `w`.
fn share_of(d: Layer, w: u32) -> vec4f { return block(w, 18u) * d.a + block(w + 72u, 18u) * d.b; }

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min(params.positions, (wid.x + 1u) * params.share);
  for (var begin = wid.x * params.share; begin < end; begin += GROUP) {
    let p = min(begin + lane, end - 1u);
    var x = input_of(wid.y, p);
    var sum = Input();
    for (var k = 0u; k < params.instances; k++) {
      let instance = wid.y * params.instances + k;
      if (!is_there(instance)) { continue; }
      let dy = f32(dlogits[instance * params.positions + p]);
      // Seldom far from the box of the instance.
      for (var once = any_lane(dy != 0.0); once; once = false) {
        hold(instance * COUNT, lane);
        x.near = nearness(p, instance);
        let h = first_layer(x);
        let d = first_slopes(h, second_slopes(second_layer(h), dy));
        sum.a += share_of(d, 2u);
        sum.b += share_of(d, 6u);
        sum.c += share_of(d, 10u);
        sum.d += share_of(d, 14u);
      }
    }
    if (begin + lane < end) {
      let to = (wid.y * params.positions + p) * 4u;
      dfeatures[to] = X(sum.a);
      dfeatures[to + 1u] = X(sum.b);
      dfeatures[to + 2u] = X(sum.c);
      dfeatures[to + 3u] = X(sum.d);
    }
  }
}
