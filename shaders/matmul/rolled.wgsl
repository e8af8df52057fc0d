// Include, no kernel: stands in for matmul/unrolled where loops must stay loops, since a software adapter would compile unrolled ones for seconds: ONE is known
// at run time only. `depth` is TILE_K.
var<private> ONE: u32;
fn begin_loops(depth: u32) { ONE = depth / TILE_K; }
