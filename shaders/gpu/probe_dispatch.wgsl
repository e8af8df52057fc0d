// Probe: as little as a dispatch can do and still show that it ran. Each one waits for the one before. Grid: one workgroup.
@group(0) @binding(0) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(1)
fn main() { y[0] += 1u; }
