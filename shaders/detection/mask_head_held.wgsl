// Include, no kernel: the parameters of the instance at hand, see detection/mask_head, read where they are wanted.
var<private> held: u32;

// Has any lane something to do that shares its instance?
fn any_lane(has: bool) -> bool { return has; }

fn hold(at: u32, lane: u32) { held = at; }
fn weight(i: u32) -> f32 { return f32(parameters[held + i]); }
