// Masks x [K, h, w], a number for each cell, as a bit for each pixel of a picture: bits [K, width, words], each column's rows in words of 32, the first in bit 0. A pixel
// lies between four of the padded image, and each of those between four cells; it is inside where the value there is above a threshold.
// Grid: chunkLaunch(gpu, words of all columns), see tensor/chunk.
// variant: {"constants": {"GROUP": 8}}
// include tensor/chunk
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> bits: array<u32>;
struct Side {
  cells: u32,
  factor: u32, // pixels of the padded image for a cell
  extent: u32, // pixels of it that the picture fills
  size: u32, // pixels of the picture
}
struct Params {
  rows: Side,
  columns: Side,
  ratio: vec2f, // extent / size, of rows and columns
  threshold: f32,
  words: u32, // of a column
  count: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

struct Between { first: u32, t: f32 }

// Where a pixel of the picture lies among those of the padded image: middles of pixels, corners not aligned.
fn among_pixels(p: u32, side: Side, ratio: f32) -> Between {
  let place = max((f32(p) + 0.5) * ratio - 0.5, 0.0);
  let first = min(floor(place), f32(side.extent - 1u));
  return Between(u32(first), min(place - first, 1.0));
}

// Where a pixel of the padded image lies among the cells: aligned bilinear, in which pixel 0 of a cell is `factor / 2` before its value.
fn among_cells(p: u32, side: Side) -> Between {
  let half = side.factor / 2u;
  let place = min(f32(max(p, half) - half) / f32(side.factor), f32(side.cells - 1u));
  let first = floor(place);
  return Between(u32(first), place - first);
}

fn next_pixel(p: u32, side: Side) -> u32 { return min(p + 1u, side.extent - 1u); }

// A column of the picture as four columns of cells.
struct Column { cells: vec4u, weights: vec4f }
fn column_of(p: u32) -> Column {
  let side = params.columns;
  let last = side.cells - 1u;
  let pixel = among_pixels(p, side, params.ratio.y);
  let left = among_cells(pixel.first, side);
  let right = among_cells(next_pixel(pixel.first, side), side);
  let near = (1.0 - pixel.t) * vec2f(1.0 - left.t, left.t);
  let far = pixel.t * vec2f(1.0 - right.t, right.t);
  return Column(vec4u(left.first, min(left.first + 1u, last), right.first, min(right.first + 1u, last)), vec4f(near, far));
}

// The column's value in a row of cells of a mask.
fn value(mask: u32, row: u32, column: Column) -> f32 {
  let begin = (mask * params.rows.cells + min(row, params.rows.cells - 1u)) * params.columns.cells;
  let at = column.cells + begin;
  return dot(column.weights, vec4f(x[at.x], x[at.y], x[at.z], x[at.w]));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  let side = params.rows;
  for (var i = s.first; i < s.end; i += GROUP) {
    let line = i / params.words;
    let begin = (i - line * params.words) * 32u;
    let mask = line / params.columns.size;
    let column = column_of(line - mask * params.columns.size);
    var word = 0u;
    // Values of three rows of cells from `held` on: pixels of the padded image that are neighbors lie in two steps of them.
    var held = 0xffffffffu;
    var values = vec3f();
    for (var b = 0u; b < min(32u, side.size - begin); b++) {
      let pixel = among_pixels(begin + b, side, params.ratio.x);
      let upper = among_cells(pixel.first, side);
      let lower = among_cells(next_pixel(pixel.first, side), side);
      if (upper.first != held) {
        held = upper.first;
        values = vec3f(value(mask, held, column), value(mask, held + 1u, column), value(mask, held + 2u, column));
      }
      let above = mix(values.x, values.y, upper.t);
      let below = mix(values[lower.first - held], values[lower.first - held + 1u], lower.t);
      if (mix(above, below, pixel.t) > params.threshold) { word |= 1u << b; }
    }
    bits[i] = word;
  }
}
