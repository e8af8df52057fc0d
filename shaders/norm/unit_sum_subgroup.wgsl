// Include, no kernel: stands in for norm/unit_sum where a workgroup is one unit and one subgroup, so that nothing waits at a barrier.
enable subgroups;
fn unit_sum(local: u32, mine: vec2f) -> vec2f { return subgroupAdd(mine); }
