// The gradient of the parameters of the mask head, see detection/mask_head, in slices: each thread adds up what some positions make of an instance's 233, in memory of its own.
// Grid: x slices / GROUP, y instances of an image, z images.
// variant: {"constants": {"GROUP": 8}, "types": {"X": "vec4f", "W": "f32", "Y": "f32"}, "includes": {"detection/mask_head_held": "detection/mask_head_held_subgroup"}}
// variant: {"constants": {"GROUP": 32}, "types": {"X": "vec4h", "W": "f16", "Y": "f16"}}
// include detection/mask_head
@group(0) @binding(4) var<storage, read> dlogits: array<Y>;
@group(0) @binding(5) var<storage, read_write> slices: array<f32>; // [images, instances, slices, 233]
@group(0) @binding(6) var<uniform> params: Params; // share: slices of an instance

var<private> sums: array<f32, COUNT>;

fn add(at: u32, v: vec4f) {
  sums[at] += v.x;
  sums[at + 1u] += v.y;
  sums[at + 2u] += v.z;
  sums[at + 3u] += v.w;
}

// What one output of the first layer, and of the second, makes of its weights.
fn add_first(o: u32, x: Input, d: f32) {
  let at = o * 18u;
  sums[at] += x.near.x * d;
  sums[at + 1u] += x.near.y * d;
  add(at + 2u, x.a * d);
  add(at + 6u, x.b * d);
  add(at + 10u, x.c * d);
  add(at + 14u, x.d * d);
}
fn add_second(o: u32, h: Layer, d: f32) {
  add(SECOND + o * 8u, h.a * d);
  add(SECOND + o * 8u + 4u, h.b * d);
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let instance = wid.z * params.instances + wid.y;
  hold(instance * COUNT, lane);
  let slice = wid.x * GROUP + lane;
  let end = select(0u, params.positions, is_there(instance));
  for (var p = slice; p < end; p += params.share) {
    let dy = f32(dlogits[instance * params.positions + p]);
    if (dy == 0.0) { continue; }
    var x = input_of(wid.z, p);
    x.near = nearness(p, instance);
    let h = first_layer(x);
    let g = second_layer(h);
    let d = second_slopes(g, dy);
    let e = first_slopes(h, d);
    add_first(0u, x, e.a.x);
    add_first(1u, x, e.a.y);
    add_first(2u, x, e.a.z);
    add_first(3u, x, e.a.w);
    add_first(4u, x, e.b.x);
    add_first(5u, x, e.b.y);
    add_first(6u, x, e.b.z);
    add_first(7u, x, e.b.w);
    add_second(0u, h, d.a.x);
    add_second(1u, h, d.a.y);
    add_second(2u, h, d.a.z);
    add_second(3u, h, d.a.w);
    add_second(4u, h, d.b.x);
    add_second(5u, h, d.b.y);
    add_second(6u, h, d.b.z);
    add_second(7u, h, d.b.w);
    add(THIRD, g.a * dy);
    add(THIRD + 4u, g.b * dy);
    add(BIASES, e.a);
    add(BIASES + 4u, e.b);
    add(BIASES + 8u, d.a);
    add(BIASES + 12u, d.b);
    sums[BIASES + 16u] += dy;
  }
  if (slice >= params.share) { return; }
  let to = (instance * params.share + slice) * COUNT;
  for (var i = 0u; i < params.count; i++) { slices[to + i] = sums[i]; }
}
