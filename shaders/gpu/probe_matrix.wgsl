// Probe: multiply-adds of the matrix units, f16 operands that stay in registers, f32 sums, eight independent ones a subgroup. All of the left operand is 1, all of
// the right one 2^-10, so every sum is trips · K · 2^-10. One subgroup a workgroup, whose sums lie one after another in y. Grid: any.
// Constants: M, N, K of a configuration that the adapter lists; LANES, its subgroup size.
// variant: {"constants": {"M": 16, "N": 16, "K": 16, "LANES": 32}}
enable f16;
enable subgroups;
enable subgroup_size_control;
enable chromium_experimental_subgroup_matrix;
struct Params { trips: u32 }
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;

alias Left = subgroup_matrix_left<f16, K, M>;
alias Right = subgroup_matrix_right<f16, N, K>;
alias Sum = subgroup_matrix_result<f32, N, M>;

@compute @workgroup_size(LANES) @subgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u) {
  let left = Left(1.0h);
  let right = Right(0.0009765625h);
  var sums: array<Sum, 8>;
  for (var trip = 0u; trip < params.trips; trip++) {
    sums[0] = subgroupMatrixMultiplyAccumulate(left, right, sums[0]);
    sums[1] = subgroupMatrixMultiplyAccumulate(left, right, sums[1]);
    sums[2] = subgroupMatrixMultiplyAccumulate(left, right, sums[2]);
    sums[3] = subgroupMatrixMultiplyAccumulate(left, right, sums[3]);
    sums[4] = subgroupMatrixMultiplyAccumulate(left, right, sums[4]);
    sums[5] = subgroupMatrixMultiplyAccumulate(left, right, sums[5]);
    sums[6] = subgroupMatrixMultiplyAccumulate(left, right, sums[6]);
    sums[7] = subgroupMatrixMultiplyAccumulate(left, right, sums[7]);
  }
  let at = wid.x * 8u * M * N;
  subgroupMatrixStore<row_major>(&y, at, sums[0], N);
  subgroupMatrixStore<row_major>(&y, at + M * N, sums[1], N);
  subgroupMatrixStore<row_major>(&y, at + 2u * M * N, sums[2], N);
  subgroupMatrixStore<row_major>(&y, at + 3u * M * N, sums[3], N);
  subgroupMatrixStore<row_major>(&y, at + 4u * M * N, sums[4], N);
  subgroupMatrixStore<row_major>(&y, at + 5u * M * N, sums[5], N);
  subgroupMatrixStore<row_major>(&y, at + 6u * M * N, sums[6], N);
  subgroupMatrixStore<row_major>(&y, at + 7u * M * N, sums[7], N);
}
