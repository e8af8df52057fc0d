// Include, no kernel: the parameters of the instance at hand, see detection/mask_head, in each lane's own memory, for software adapters with subgroups of 8 lanes, of which a
// workgroup is one. A load costs as much there as dozens of products, also where all lanes load the same; so each loads an eighth, and tells the others.
enable subgroups;
diagnostic(off, subgroup_uniformity);
var<private> held: array<f32, 240>;

// What a branch leaves out is computed all the same there, a loop that is not entered is not.
fn any_lane(has: bool) -> bool { return subgroupAny(has); }

fn hold(at: u32, lane: u32) {
  for (var i = 0u; i < 240u; i += 8u) {
    let own = f32(parameters[at + min(i + lane, COUNT - 1u)]);
    held[i] = subgroupBroadcast(own, 0u);
    held[i + 1u] = subgroupBroadcast(own, 1u);
    held[i + 2u] = subgroupBroadcast(own, 2u);
    held[i + 3u] = subgroupBroadcast(own, 3u);
    held[i + 4u] = subgroupBroadcast(own, 4u);
    held[i + 5u] = subgroupBroadcast(own, 5u);
    held[i + 6u] = subgroupBroadcast(own, 6u);
    held[i + 7u] = subgroupBroadcast(own, 7u);
  }
}
fn weight(i: u32) -> f32 { return held[i]; }
