// Copies matrices between row lengths and orders, one element a thread: y[plane][row][column] is the element of x there, or zero where
// `columns` ends before y's rows do. With swapped steps it transposes. For software adapters, where integer divisions and the start of a
// workgroup are dear: the grid has three dimensions, (length / 8, any number that shares out the rows, planes).
struct Params {
  rows: u32, columns: u32,
  // Elements in a row of y.
  length: u32,
  // Steps in x to the next plane, row and column.
  plane: u32, row: u32, column: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let p = params;
  let column = wid.x * 8u + local.x;
  if (column >= p.length) { return; }
  for (var row = wid.y * 8u + local.y; row < p.rows; row += groups.y * 8u) {
    let at = (wid.z * p.rows + row) * p.length + column;
    if (column < p.columns) {
      y[at] = x[wid.z * p.plane + row * p.row + column * p.column];
    } else {
      y[at] = 0.0;
    }
  }
}
