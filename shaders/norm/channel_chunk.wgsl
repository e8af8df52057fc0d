// Include, no kernel: how the kernels of a normalization walk. Each workgroup takes a contiguous chunk of values, `chunk` long; a thread walks it in steps that are a
// multiple of the channels' period, so that all it meets in one of its BLOCKS, GROUP values behind each other, is of the same channels. With more than one
// block, channels beyond GROUP need no walk of their own. On llvmpipe workgroups of 8 on chunks move nearly twice what threads do that stride through the
// whole, and 4 blocks 1.7 times what 4 walks do.
// Constants: GROUP, BLOCKS; ROW_STRIDED: x has more channels than the walk, so that its rows are `gap` values longer, and value i of the walk lies behind i by
// what is skipped. Steps are whole rows then: a thread divides once and adds what a step skips.
// Types: S as stored, H as that reads, V as computed.
fn skipped(i: u32) -> u32 {
  if (ROW_STRIDED) { return i / params.period * params.gap; }
  return 0u;
}

/// Of each block, the value before which the walk ends, `begin` where the block lies beyond a step, and what is skipped before its first.
struct Blocks { end: array<u32, BLOCKS>, skip: array<u32, BLOCKS> }

/// The blocks of a thread that begins at value `q` of a step, in the chunk from `begin` to before `end`.
fn blocks_from(q: u32, begin: u32, end: u32) -> Blocks {
  var blocks: Blocks;
  for (var k = 0u; k < BLOCKS; k++) {
    let offset = q + k * GROUP;
    blocks.end[k] = select(begin, end, offset < params.step);
    blocks.skip[k] = skipped(begin + offset);
  }
  return blocks;
}
