// Include, no kernel: the parameters of the instance at hand, see detection/mask_head, in each thread's own memory, for software adapters whose subgroups cannot share them.
var<private> held: array<f32, COUNT>;

fn any_lane(has: bool) -> bool { return has; }

fn hold(at: u32, lane: u32) {
  for (var i = 0u; i < params.count; i++) { held[i] = f32(parameters[at + i]); }
}
fn weight(i: u32) -> f32 { return held[i]; }
