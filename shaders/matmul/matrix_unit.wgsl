// Include, no kernel: the matrix units themselves, matrices that a subgroup holds together, f16 operands and f32 sums, in one of the configurations that the adapter lists. Offsets
// and strides count vec4u of `staged`, eight halves or four sums each, and are the same for all lanes of a subgroup, which the compiler cannot prove.
// matmul/matrix_emulated has the same names for adapters without such units. Constants: M, N, K and those of matmul/matrix_tile.
enable f16;
enable subgroups;
enable subgroup_size_control;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);

alias Left = subgroup_matrix_left<f16, K, M>;
alias Right = subgroup_matrix_right<f16, N, K>;
alias Sum = subgroup_matrix_result<f32, N, M>;

fn begin(groups: vec3u) {}

fn load_left(left: ptr<function, Left>, at: u32) {
  if (LEFT_DEEP) {
    *left = subgroupMatrixLoad<Left, row_major>(&staged, at, LEFT_STRIDE);
  } else {
    *left = subgroupMatrixLoad<Left, col_major>(&staged, at, LEFT_STRIDE);
  }
}

fn load_right(right: ptr<function, Right>, at: u32) {
  if (RIGHT_DEEP) {
    *right = subgroupMatrixLoad<Right, col_major>(&staged, at, RIGHT_STRIDE);
  } else {
    *right = subgroupMatrixLoad<Right, row_major>(&staged, at, RIGHT_STRIDE);
  }
}

fn multiply(left: ptr<function, Left>, right: ptr<function, Right>, sum: ptr<function, Sum>) {
  *sum = subgroupMatrixMultiplyAccumulate(*left, *right, *sum);
}

fn store_sum(sum: ptr<function, Sum>, at: u32) { subgroupMatrixStore<row_major>(&staged, at, *sum, STRIP_STRIDE); }
