// C = op(A)·op(B) for any shape, one element a thread: the kernel that the faster ones are tested against. Matrices are row-major;
// each plane of C is a sum of products (matmul/planes). Types: Operand and Result, how they are stored, f32 or f16;
// sums are f32. Grid: grid1d(planes·m·n / 64).
// variant: {"types": {"Operand": "f32", "Result": "f32"}}
// variant: {"types": {"Operand": "f16", "Result": "f16"}}
// include matmul/planes
struct Params {
  planes: Planes,
  count: u32, m: u32, n: u32, k: u32,
  sums: u32,
  // Steps in A to the next row and column of op(A); the same for B.
  rowA: u32, columnA: u32, rowB: u32, columnB: u32,
}
@group(0) @binding(0) var<storage, read> a: array<Operand>;
@group(0) @binding(1) var<storage, read> b: array<Operand>;
@group(0) @binding(2) var<storage, read_write> c: array<Result>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (wid.y * groups.x + wid.x) * 64u + lane;
  let p = params;
  if (at >= p.count * p.m * p.n) { return; }
  let plane = at / (p.m * p.n);
  let row = at / p.n % p.m;
  let column = at % p.n;
  let first = matrices_of(plane, p.planes);
  var sum = 0.0;
  for (var r = 0u; r < p.sums; r++) {
    var i = first.x + r * p.planes.next_a + row * p.rowA;
    var j = first.y + r * p.planes.next_b + column * p.columnB;
    for (var k = 0u; k < p.k;) {
      var runs = 0.0; // by runs, and by runs of these: the error grows with the longest row of additions
      for (let last = min(p.k, k + 4096u); k < last;) {
        var run = 0.0;
        for (let stop = min(last, k + 64u); k < stop; k++) {
          run += f32(a[i]) * f32(b[j]);
          i += p.columnA;
          j += p.rowB;
        }
        runs += run;
      }
      sum += runs;
    }
  }
  c[at] = Result(sum);
}
