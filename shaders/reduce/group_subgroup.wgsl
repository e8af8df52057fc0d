// Include, no kernel: folds over the lanes of a workgroup that is one subgroup. To be called by all lanes together.
enable subgroups;
fn group_sum(value: f32, lane: u32) -> f32 { return subgroupAdd(value); }
fn group_max(value: f32, lane: u32) -> f32 { return subgroupMax(value); }
