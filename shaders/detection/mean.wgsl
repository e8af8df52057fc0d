// The mean of sums [what there is, how many count]: 0 where none does. Grid: one workgroup.
@group(0) @binding(0) var<storage, read> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> mean: array<f32>;

@compute @workgroup_size(1)
fn main() { mean[0] = sums[0] / max(sums[1], 1.0); }
