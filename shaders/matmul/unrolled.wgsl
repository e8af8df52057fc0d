// Include, no kernel: loops whose numbers of trips are constants, for a compiler that unrolls them, so that the arrays they index stay in registers. `count * ONE` is how
// a kernel writes such a number; matmul/rolled stands in for this file where loops must stay loops. Dawn counts the trips of every loop whose bound is no constant
// expression, so as to end it, and with that counter an NVIDIA H200's took 15 times as long.
const ONE = 1u;
fn begin_loops(depth: u32) {}
