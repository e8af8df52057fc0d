// Include, no kernel: a workgroup's tile of C = A·B on matrix units: its sizes and how operands lie in workgroup memory. SM × SN subgroups of LANES lanes each own UM × UN units
// (at most 4 × 4) of M × N sums; BK values of k are staged at a time. An operand is `deep` where memory has its k's side by side; it is staged as it
// lies, and the units read it by rows or by columns. Rows are eight halves longer than they need, so that neighboring ones fall into different banks.
// The kernel defines, for matmul/matrix_loop: aim(step), then left_slot(i) and right_slot(i), the eight halves of slot i of this thread; put(row, column, sums).
// Constants: M, N, K, LANES, UM, UN, SM, SN, BK, LEFT_DEEP, RIGHT_DEEP, WIDTH (halves that a load may take at once: 8 or 4). Types: Load (vec4u or vec2u).
const SUBGROUPS = SM * SN;
const THREADS = LANES * SUBGROUPS;
const BM = M * UM * SM;
const BN = N * UN * SN;

const LEFT_ROW = select(BM, BK, LEFT_DEEP) / 8;
const LEFT_STRIDE = LEFT_ROW + 1;
const LEFT_SIZE = select(BK, BM, LEFT_DEEP) * LEFT_STRIDE;
const LEFT_SLOTS = BM * BK / (8 * THREADS);

const RIGHT_ROW = select(BN, BK, RIGHT_DEEP) / 8;
const RIGHT_STRIDE = RIGHT_ROW + 1;
const RIGHT_SIZE = select(BK, BN, RIGHT_DEEP) * RIGHT_STRIDE;
const RIGHT_SLOTS = BN * BK / (8 * THREADS);

/// A row of units on its way out: four sums a vec4u, in the memory of the operands, which are done with by then.
const STRIP_ROW = UN * N / 4;
const STRIP_STRIDE = STRIP_ROW + 1;

var<workgroup> staged: array<vec4u, max(LEFT_SIZE + RIGHT_SIZE, SUBGROUPS * M * STRIP_STRIDE)>;
var<private> thread: u32;
var<private> lane: u32;
var<private> subgroup: u32;

/// To be called first.
fn enter(groups: vec3u, index: u32, own: u32, at: u32) {
  begin(groups);
  thread = index;
  subgroup = own;
  lane = at;
}

/// Position along the side and along k of slot i of this thread in an operand whose rows in workgroup memory hold `row` slots.
fn position_of(i: u32, row: u32, deep: bool) -> vec2u {
  let slot = thread + i * THREADS;
  if (deep) { return vec2u(slot / row, slot % row * 8u); }
  return vec2u(slot % row * 8u, slot / row);
}

fn left_position(i: u32) -> vec2u { return position_of(i, LEFT_ROW, LEFT_DEEP); }
fn right_position(i: u32) -> vec2u { return position_of(i, RIGHT_ROW, RIGHT_DEEP); }

/// Where unit `unit` of this subgroup's rows (columns) begins in `staged`.
fn left_at(unit: u32, k: u32) -> u32 {
  let m = (subgroup / SN * UM + unit) * M;
  return select(k * LEFT_STRIDE + m / 8u, m * LEFT_STRIDE + k / 8u, LEFT_DEEP);
}
fn right_at(unit: u32, k: u32) -> u32 {
  let n = (subgroup % SN * UN + unit) * N;
  return LEFT_SIZE + select(k * RIGHT_STRIDE + n / 8u, n * RIGHT_STRIDE + k / 8u, RIGHT_DEEP);
}

fn strip_at(unit: u32) -> u32 { return subgroup * (M * STRIP_STRIDE) + unit * (N / 4); }

/// Hands a row of units to the kernel, four sums at a time.
fn drain(unit: u32) {
  for (var i = lane; i < M * STRIP_ROW; i += LANES) {
    let row = i / STRIP_ROW;
    let quad = i % STRIP_ROW;
    let sums = bitcast<vec4f>(staged[strip_at(0u) + row * STRIP_STRIDE + quad]);
    put((subgroup / SN * UM + unit) * M + row, subgroup % SN * UN * N + quad * 4u, sums);
  }
}

/// The second half of a load of eight; with loads of four it names what is there.
const HIGH = select(0, 2, WIDTH == 8);

/// Eight halves from elements `at.x` on; with loads of four, four from there and four from `at.y`. Zeros where not `inside`. Without branches: what lies outside
/// reads the first element instead, so that all loads of a step leave together.
fn halves(source: ptr<storage, array<Load>, read>, at: vec2u, inside: vec2<bool>) -> vec4u {
  let low = source[select(0u, at.x / WIDTH, inside.x)];
  if (WIDTH == 8) { return select(vec4u(), vec4u(low.xy, low[HIGH], low[HIGH + 1]), inside.x); }
  let high = source[select(0u, at.y / WIDTH, inside.y)];
  return vec4u(select(vec2u(), low.xy, inside.x), select(vec2u(), high.xy, inside.y));
}
