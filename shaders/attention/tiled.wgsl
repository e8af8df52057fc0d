// Fused attention for GPUs, forward and backward, a tile of 64 tokens that a workgroup owns (down) against tiles of 64 others (across), of which only their scores are held,
// in registers: eight down by four across a thread, as in matmul/vector_tile. Powers go through workgroup memory, 16 tokens at a time, as the left factor of the second product.
// MODE: 0 forward: down q, across k and v; out1 is y, and lse, the binary logarithm of each row's sum of powers, goes into `sums`.
//       1 dq: down q and dy, across k and v; out0 is dq. 2 dk and dv: down k and v, across q and dy of all heads that share them; out0 is dk, out1 dv, or where v begins behind k in one tensor out0 is both.
// `sums` has lse and then, backward, the rows' Σ y·dy. Slices that a mode does not need may be any. See attention/stationary for scores in binary logarithms.
// Constants: MODE, WIDTH (elements of a Load, 1 or 4), PARTS0 and PARTS1 (64s in depth and in depthV). Types: Load (f32, f16, vec4f or vec4h), Wide (that in f32),
// Elem, Extra. Grid: (tiles down, planes of what is down).
// variant: {"constants": {"MODE": 0, "WIDTH": 4, "PARTS0": 1, "PARTS1": 1}, "types": {"Load": "vec4f", "Wide": "vec4f", "Elem": "f32", "Extra": "f32"}}
// variant: {"constants": {"MODE": 1, "WIDTH": 1, "PARTS0": 3, "PARTS1": 2}, "types": {"Load": "f16", "Wide": "f32", "Elem": "f16", "Extra": "u32"}}
// variant: {"constants": {"MODE": 2, "WIDTH": 4, "PARTS0": 1, "PARTS1": 2}, "types": {"Load": "vec4h", "Wide": "vec4f", "Elem": "f16", "Extra": "f16"}}
// variant: {"constants": {"MODE": 2, "WIDTH": 1, "PARTS0": 1, "PARTS1": 1}, "types": {"Load": "f32", "Wide": "f32", "Elem": "f32", "Extra": "f32"}, "includes": {"matmul/unrolled": "matmul/rolled"}}
// include attention/params
@group(0) @binding(0) var<storage, read> down0: array<Load>;
@group(0) @binding(1) var<storage, read> down1: array<Load>;
@group(0) @binding(2) var<storage, read> across0: array<Load>;
@group(0) @binding(3) var<storage, read> across1: array<Load>;
@group(0) @binding(4) var<storage, read> extra: array<Extra>;
@group(0) @binding(5) var<storage, read_write> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> out0: array<Elem>;
@group(0) @binding(7) var<storage, read_write> out1: array<Elem>;
@group(0) @binding(8) var<uniform> params: Params;

const LOWEST = -0x1.fffffep+127f;
const SIDE = 64u;
const TILE_M = 64;
const TILE_N = 64;
const COLUMNS = 4;
const DEEP_A = true;
const DEEP_B = true;
const EXTRA = true;
// include matmul/vector_tile
// include attention/extra

const FORWARD = MODE == 0;
const TURNED = MODE == 2;
const LOADS = 64 * TILE_K / WIDTH / THREADS;

var<workgroup> cells: array<f32, 64 * ACROSS>;
// Of each row of the tile: the highest score so far, and what a new tile leaves of what was summed before.
var<workgroup> highs: array<f32, SIDE>;
var<workgroup> kept: array<f32, SIDE>;

fn stage_one(i: u32, a: Load, b: Load) {
  let k = i % (TILE_K / WIDTH) * WIDTH;
  let at = i / (TILE_K / WIDTH);
  let x = vec4f(Wide(a));
  let z = vec4f(Wide(b));
  if (WIDTH == 4) {
    stageA(k, at, x);
    stageB(k, at, z);
  } else {
    tileA[indexA(k, at)][at % 4u] = x.x;
    tileB[indexB(k, at)][at % 4u] = z.x;
  }
}

/// sums ← tokens down times tokens across over the whole depth of the first pair of factors, or of the second.
fn product(second: bool, startD: u32, startA: u32, strideD: u32, strideA: u32, down: u32, across: u32, tokensD: u32, tokensA: u32, thread: u32) -> Sums {
  let deep = select(params.depth, params.depthV, second);
  var made = Sums();
  for (var k0 = 0u; k0 < deep; k0 += TILE_K) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS * ONE; i++) {
      let load = thread + i * THREADS;
      let k = k0 + load % (TILE_K / WIDTH) * WIDTH;
      let d = down + load / (TILE_K / WIDTH);
      let a = across + load / (TILE_K / WIDTH);
      var x = Load();
      var z = Load();
      if (k < deep && d < tokensD) {
        let at = (startD + d * strideD + k) / WIDTH;
        if (second) { x = down1[at]; } else { x = down0[at]; }
      }
      if (k < deep && a < tokensA) {
        let at = (startA + a * strideA + k) / WIDTH;
        if (second) { z = across1[at]; } else { z = across0[at]; }
      }
      stage_one(load, x, z);
    }
    workgroupBarrier();
    multiply(&made, downOf(thread), acrossOf(thread));
  }
  return made;
}

/// Lays 64 columns, from `column` on, of 16 tokens across into tileB.
fn stage_across(second: bool, start: u32, stride: u32, token: u32, tokens: u32, column: u32, thread: u32) {
  let deep = select(params.depth, params.depthV, second);
  for (var i = 0u; i < LOADS * ONE; i++) {
    let load = thread + i * THREADS;
    let k = load / (SIDE / WIDTH);
    let n = load % (SIDE / WIDTH) * WIDTH;
    var z = Load();
    if (token + k < tokens && column + n < deep) {
      let at = (start + (token + k) * stride + column + n) / WIDTH;
      if (second) { z = across1[at]; } else { z = across0[at]; }
    }
    let wide = vec4f(Wide(z));
    if (WIDTH == 4) { tileB[indexB(k, n)] = wide; } else { tileB[indexB(k, n)][n % 4u] = wide.x; }
  }
}

/// Lays the four columns of `left` that a thread has into tileA, if they are of the 16 from `first` on.
fn stage_left(left: Sums, first: u32, thread: u32) {
  let column = acrossOf(thread) * 4u;
  if (column / TILE_K != first / TILE_K) { return; }
  for (var j = 0u; j < 4u * ONE; j++) {
    let k = column % TILE_K + j;
    let row = downOf(thread) * 8u;
    tileA[indexA(k, row)] = vec4f(left[0][j], left[1][j], left[2][j], left[3][j]);
    tileA[indexA(k, row + 4u)] = vec4f(left[4][j], left[5][j], left[6][j], left[7][j]);
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) thread: u32) {
  begin_loops(TILE_K * params.one);
  let p = params;
  let down = wid.x * SIDE;
  let group = select(1u, p.group, TURNED);
  let heads = p.heads / group;
  let batch = wid.y / heads;
  let head0 = wid.y % heads * group;
  let rows8 = down + downOf(thread) * 8u;
  let tokensD = select(p.rows, p.keys, TURNED);
  let tokensA = select(p.keys, p.rows, TURNED);
  var sum0 = array<Sums, PARTS0>();
  var sum1 = array<Sums, PARTS1>();
  var total = 0.0;
  if (thread < SIDE) { highs[thread] = LOWEST; }

  for (var head = head0; head < head0 + group; head++) {
    let startQ = batch * p.q.z + head * p.q.y;
    let startY = batch * p.y.z + head * p.y.y;
    let startK = p.k0 + batch * p.k.z + head / p.group * p.k.y;
    let startV = p.v0 + batch * p.v.z + head / p.group * p.v.y;
    let line = (batch * p.heads + head) * p.rows;
    // Causal: rows see no tile of keys behind them.
    let begin = select(0u, down / SIDE * SIDE, TURNED && p.causal == 1u);
    let end = select(tokensA, min(tokensA, down + SIDE), !TURNED && p.causal == 1u);
    for (var across = begin; across < end; across += SIDE) {
      var s = Sums();
      if (TURNED) {
        s = product(false, startK, startQ, p.k.x, p.q.x, down, across, tokensD, tokensA, thread);
      } else {
        s = product(false, startQ, startK, p.q.x, p.k.x, down, across, tokensD, tokensA, thread);
      }
      let columns = across + acrossOf(thread) * 4u;
      for (var i = 0u; i < 8u * ONE; i++) {
        for (var j = 0u; j < 4u * ONE; j++) {
          let row = select(rows8 + i, columns + j, TURNED);
          let key = select(columns + j, rows8 + i, TURNED);
          let inside = row < p.rows && key < select(p.keys, min(p.keys, row + 1u), p.causal == 1u);
          let score = scored(vec4f(s[i][j] * p.scale), p.kind, p.extra, batch, head, min(row, p.rows - 1u), vec4u(key), p.keys).x;
          s[i][j] = select(LOWEST, score, inside);
        }
      }
      if (FORWARD) {
        for (var i = 0u; i < 8u * ONE; i++) {
          cells[(downOf(thread) * 8u + i) * ACROSS + acrossOf(thread)] = max(max(s[i].x, s[i].y), max(s[i].z, s[i].w));
        }
        workgroupBarrier();
        if (thread < SIDE) {
          let before = highs[thread];
          var high = before;
          for (var i = 0u; i < ACROSS * ONE; i++) { high = max(high, cells[thread * ACROSS + i]); }
          highs[thread] = high;
          kept[thread] = powers_of(vec4f(before), high).x;
        }
        workgroupBarrier();
        for (var i = 0u; i < 8u * ONE; i++) {
          let row = downOf(thread) * 8u + i;
          s[i] = powers_of(s[i], highs[row]);
          cells[row * ACROSS + acrossOf(thread)] = dot(s[i], vec4f(1));
          for (var c = 0u; c < PARTS1 * ONE; c++) { sum1[c][i] *= kept[row]; }
        }
        workgroupBarrier();
        if (thread < SIDE) {
          total *= kept[thread];
          for (var i = 0u; i < ACROSS * ONE; i++) { total += cells[thread * ACROSS + i]; }
        }
      } else {
        var slopes = Sums();
        if (TURNED) {
          slopes = product(true, startV, startY, p.v.x, p.y.x, down, across, tokensD, tokensA, thread);
        } else {
          slopes = product(true, startY, startV, p.y.x, p.v.x, down, across, tokensD, tokensA, thread);
        }
        for (var i = 0u; i < 8u * ONE; i++) {
          let row = vec4u(select(vec4u(rows8 + i), vec4u(columns) + vec4u(0, 1, 2, 3), TURNED));
          let at = vec4u(line) + min(row, vec4u(p.rows - 1u));
          let behind = at + vec4u(p.planes * p.rows);
          let high = vec4f(sums[at.x], sums[at.y], sums[at.z], sums[at.w]);
          let delta = vec4f(sums[behind.x], sums[behind.y], sums[behind.z], sums[behind.w]);
          s[i] = select(exp2(s[i] - high), vec4f(0), s[i] <= vec4f(LOWEST));
          slopes[i] = s[i] * (slopes[i] - delta) * (p.scale * 0.6931471805599453);
        }
        for (var k0 = 0u; k0 < SIDE; k0 += TILE_K) {
          for (var c = 0u; c < PARTS0; c++) {
            workgroupBarrier();
            if (c == 0u) { stage_left(slopes, k0, thread); }
            if (TURNED) {
              stage_across(false, startQ, p.q.x, across + k0, tokensA, c * SIDE, thread);
            } else {
              stage_across(false, startK, p.k.x, across + k0, tokensA, c * SIDE, thread);
            }
            workgroupBarrier();
            var part = sum0[c];
            multiply(&part, downOf(thread), acrossOf(thread));
            sum0[c] = part;
          }
        }
      }
      if (FORWARD || TURNED) {
        for (var k0 = 0u; k0 < SIDE; k0 += TILE_K) {
          for (var c = 0u; c < PARTS1; c++) {
            workgroupBarrier();
            if (c == 0u) { stage_left(s, k0, thread); }
            if (TURNED) {
              stage_across(true, startY, p.y.x, across + k0, tokensA, c * SIDE, thread);
            } else {
              stage_across(true, startV, p.v.x, across + k0, tokensA, c * SIDE, thread);
            }
            workgroupBarrier();
            var part = sum1[c];
            multiply(&part, downOf(thread), acrossOf(thread));
            sum1[c] = part;
          }
        }
      }
    }
  }

  if (FORWARD) {
    workgroupBarrier();
    if (thread < SIDE) {
      kept[thread] = select(1.0 / total, 0.0, total == 0.0);
      let row = down + thread;
      if (row < p.rows) { sums[wid.y * p.rows + row] = select(highs[thread] + log2(total), LOWEST, total == 0.0); }
    }
    workgroupBarrier();
    for (var i = 0u; i < 8u * ONE; i++) {
      for (var c = 0u; c < PARTS1 * ONE; c++) { sum1[c][i] *= kept[downOf(thread) * 8u + i]; }
    }
  }
  let start0 = select(0u, p.k0, TURNED) + batch * select(p.q.z, p.k.z, TURNED) + head0 / group * select(p.q.y, p.k.y, TURNED);
  let start1 = select(0u, p.v0, TURNED) + batch * select(p.y.z, p.v.z, TURNED) + head0 / group * select(p.y.y, p.v.y, TURNED);
  for (var i = 0u; i < 8u * ONE; i++) {
    let token = rows8 + i;
    if (token >= tokensD) { break; }
    for (var j = 0u; j < 4u * ONE; j++) {
      if (!FORWARD) {
        for (var c = 0u; c < PARTS0 * ONE; c++) {
          let column = c * SIDE + acrossOf(thread) * 4u + j;
          if (column < p.depth) { out0[start0 + token * select(p.q.x, p.k.x, TURNED) + column] = Elem(sum0[c][i][j]); }
        }
      }
      if (FORWARD || TURNED) {
        for (var c = 0u; c < PARTS1 * ONE; c++) {
          let column = c * SIDE + acrossOf(thread) * 4u + j;
          let at = start1 + token * select(p.y.x, p.v.x, TURNED) + column;
          if (column < p.depthV) {
            if (TURNED && p.v0 > 0u) { out0[at] = Elem(sum1[c][i][j]); } else { out1[at] = Elem(sum1[c][i][j]); }
          }
        }
      }
    }
  }
}
