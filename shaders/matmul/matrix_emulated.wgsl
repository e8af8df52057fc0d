// Include, no kernel: what matmul/matrix_unit does, without matrix units. Each lane adds up its share of a unit's sums, f32 of f16 products, one by one. An operand is only where it lies, since
// nobody writes there before it has been multiplied. Slow; for testing the kernels around the units on any adapter. M·N is a multiple of LANES.
enable f16;
enable subgroups;
enable subgroup_size_control;

const SHARE = M * N / LANES;
alias Left = u32;
alias Right = u32;
alias Sum = array<f32, SHARE>;

/// Always 0, which compilers do not see: they would unroll all loops below.
var<private> nothing: u32;

fn begin(groups: vec3u) { nothing = select(0u, 1u, groups.x == 0xffffffffu); }

fn half(at: u32, element: u32) -> f32 {
  return unpack2x16float(staged[at + element / 8u][element / 2u % 4u])[element % 2u];
}

fn load_left(left: ptr<function, Left>, at: u32) { *left = at; }
fn load_right(right: ptr<function, Right>, at: u32) { *right = at; }

fn multiply(left: ptr<function, Left>, right: ptr<function, Right>, sum: ptr<function, Sum>) {
  for (var e = 0u; e < SHARE + nothing; e++) {
    let i = (e * LANES + lane) / N;
    let j = (e * LANES + lane) % N;
    for (var k = 0u; k < K + nothing; k++) {
      let a = half(*left + select(k, i, LEFT_DEEP) * LEFT_STRIDE, select(i, k, LEFT_DEEP));
      let b = half(*right + select(k, j, RIGHT_DEEP) * RIGHT_STRIDE, select(j, k, RIGHT_DEEP));
      (*sum)[e] += a * b;
    }
  }
}

fn store_sum(sum: ptr<function, Sum>, at: u32) {
  for (var e = 0u; e < SHARE + nothing; e++) {
    let i = (e * LANES + lane) / N;
    let j = (e * LANES + lane) % N;
    staged[at + i * STRIP_STRIDE + j / 4u][j % 4u] = bitcast<u32>((*sum)[e]);
  }
}
