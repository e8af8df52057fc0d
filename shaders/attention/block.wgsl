// Include, no kernel: a row of TILE values times a TILE×TILE block that stands still, for adapters whose lanes are a CPU's vector unit (see
// matmul/stationary). Lanes that a branch leaves out go through it all the same there, so kernels choose by loops that are not
// entered, each with few products in it: LLVM takes seconds for each copy of block_multiply.
// Constants: LANES (4 or 8), which must be the subgroup size and the workgroup's; TILE, 4·LANES or 8·LANES.
const WIDE = TILE / (4u * LANES);
const LOWEST = -0x1.fffffep+127f;

// Row i of the block: a lane's vec4 at `lane`, and if WIDE is 2 the one at LANES + lane. In one array they would take LLVM twice as long.
var<private> block: array<vec4f, TILE>;
var<private> beside: array<vec4f, TILE>;
var<private> sum: vec4f;
var<private> sum2: vec4f;

fn block_set(i: u32, row: array<vec4f, WIDE>) {
  block[i] = row[0];
  if (WIDE == 2u) { beside[i] = row[WIDE - 1u]; }
}

fn block_step(x: vec4f, at: u32) {
  for (var i = 0u; i < 4u; i++) {
    sum += block[at + i] * x[i];
    if (WIDE == 2u) { sum2 += beside[at + i] * x[i]; }
  }
}

// Runs once, in a loop of its own: LLVM schedules longer blocks badly.
fn block_feed(x: vec4f, at: u32, one: u32) {
  loop {
    block_step(subgroupBroadcast(x, 0u), at);
    block_step(subgroupBroadcast(x, 1u), at + 4u);
    block_step(subgroupBroadcast(x, 2u), at + 8u);
    block_step(subgroupBroadcast(x, 3u), at + 12u);
    if (LANES == 8u) {
      block_step(subgroupBroadcast(x, 4u), at + 16u);
      block_step(subgroupBroadcast(x, 5u), at + 20u);
      block_step(subgroupBroadcast(x, 6u), at + 24u);
      block_step(subgroupBroadcast(x, 7u), at + 28u);
    }
    continuing { break if one == 1u; }
  }
}

// row·block; lanes hold the vec4s `lane + w·LANES` of the row, and get those of the product.
fn block_multiply(row: array<vec4f, WIDE>, one: u32) -> array<vec4f, WIDE> {
  sum = vec4f(0);
  sum2 = vec4f(0);
  for (var w = 0u; w < WIDE; w++) { block_feed(row[w], w * 4u * LANES, one); }
  var made = array<vec4f, WIDE>();
  made[0] = sum;
  if (WIDE == 2u) { made[WIDE - 1u] = sum2; }
  return made;
}
