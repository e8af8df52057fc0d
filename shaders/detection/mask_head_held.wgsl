// Include, no kernel: the parameters of the instance at hand, see detection/mask_head, read where they are wanted.
var<private> held: u32;

fn hold(at: u32, lane: u32) { held = at; }
fn weight(i: u32) -> f32 { return f32(parameters[held + i]); }
