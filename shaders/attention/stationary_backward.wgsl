// Backward pass of attention/stationary. A workgroup takes the keys of one head of k and v, and the rows of all heads that share it. Of the scores it makes side×side at a
// time, in its part of `panel`: first the powers P, then their gradients dS, which five products need or make, each with a block of TILE×TILE that stands still:
// P from q·kᵀ, dS from dy·vᵀ, dq += dS·k, dv += Pᵀ·dy, dk += dSᵀ·q. dq, dk and dv are written by the first tile and added to by later ones; they must be f32.
// `sums` has lse of the forward pass, then the rows' Σ y·dy. Constants: those of attention/block. Types: Elem, Extra. Grid: as many workgroups as fill the machine,
// which take the heads of k in turn.
// variant: {"constants": {"LANES": 8, "TILE": 64}, "types": {"Elem": "f32", "Extra": "f32"}}
// variant: {"constants": {"LANES": 8, "TILE": 32}, "types": {"Elem": "f16", "Extra": "u32"}}
// variant: {"constants": {"LANES": 4, "TILE": 32}, "types": {"Elem": "f32", "Extra": "f16"}}
enable subgroups;
// include attention/params
@group(0) @binding(0) var<storage, read> q: array<Elem>;
@group(0) @binding(1) var<storage, read> k: array<Elem>;
@group(0) @binding(2) var<storage, read> v: array<Elem>;
@group(0) @binding(3) var<storage, read> extra: array<Extra>;
@group(0) @binding(4) var<storage, read> dy: array<Elem>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> dq: array<f32>;
@group(0) @binding(7) var<storage, read_write> dk: array<f32>;
@group(0) @binding(8) var<storage, read_write> dv: array<f32>;
@group(0) @binding(9) var<storage, read_write> panel: array<f32>;
@group(0) @binding(10) var<uniform> params: Params;
// include attention/block
// include attention/extra

// The products, in order.
const POWERS = 0u;
const SLOPES = 1u;
const DQ = 2u;
const DV = 3u;
const DK = 4u;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let one = p.one;
  let area = p.side * p.side;
  let mine = wid.x * 2u * area;
  let lastTile = (p.rows - 1u) / p.side * p.side;
  let kvHeads = p.heads / p.group;
  for (var plane = wid.x; plane < p.planes / p.group; plane += groups.x) {
    let batch = plane / kvHeads;
    let kv = plane % kvHeads;
    let startK = batch * p.k.z + kv * p.k.y;
    let startV = batch * p.v.z + kv * p.v.y;
    for (var key0 = 0u; key0 < p.keys; key0 += p.side) {
      let keyEnd = min(key0 + p.side, p.keys);
      for (var head = kv * p.group; head < (kv + 1u) * p.group; head++) {
        let startQ = batch * p.q.z + head * p.q.y;
        let startY = batch * p.y.z + head * p.y.y;
        let startL = (batch * p.heads + head) * p.rows;
        let firstTile = select(0u, min(key0, lastTile), p.causal == 1u);
        for (var row0 = firstTile; row0 < p.rows; row0 += p.side) {
          let rowEnd = min(row0 + p.side, p.rows);
          for (var kind = 0u; kind < 5u; kind++) {
            let valued = kind == SLOPES || kind == DV;
            let deep = select(p.depth, p.depthV, valued);
            let upright = kind > DQ;
            let parts = (deep + TILE - 1u) / TILE;
            let tiles = select(keyEnd - key0, rowEnd - row0, upright) + TILE - 1u;
            for (var job = 0u; job < parts * (tiles / TILE); job++) {
              let tile0 = job / parts * TILE;
              let from0 = job % parts * TILE;
              // Does the block have tokens across and depth down?
              let turned = kind < DQ;
              let token0 = select(key0, row0, upright) + tile0;
              let tokens = select(p.keys, p.rows, upright);
              for (var i = 0u; i < p.filled; i++) {
                var quad = vec4f(0);
                for (var j = 0u; j < 4u * one; j++) {
                  let across = 4u * (lane + i % WIDE * LANES) + j;
                  let token = token0 + select(i / WIDE, across, turned);
                  let d = from0 + select(across, i / WIDE, turned);
                  let near = min(token, tokens - 1u);
                  let at = min(d, deep - 1u);
                  var value = 0.0;
                  if (kind == SLOPES) {
                    value = f32(v[startV + near * p.v.x + at]);
                  } else if (kind == DV) {
                    value = f32(dy[startY + near * p.y.x + at]);
                  } else if (kind == DK) {
                    value = f32(q[startQ + near * p.q.x + at]);
                  } else {
                    value = f32(k[startK + near * p.k.x + at]);
                  }
                  quad = vec4f(quad.yzw, select(0.0, value, token < tokens && d < deep));
                }
                block_set(i, quad);
              }
              let begin = select(row0, key0, upright);
              for (var pass_ = begin; pass_ < select(rowEnd, keyEnd, upright); pass_++) {
                let line = pass_ - begin;
                var x = array<vec4f, WIDE>();
                for (var w = 0u; w < WIDE; w++) {
                  let across = vec4u(4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3);
                  if (turned) {
                    let at = min(across + from0, vec4u(deep - 1u));
                    if (valued) {
                      let start = at + (startY + pass_ * p.y.x);
                      x[w] = vec4f(f32(dy[start.x]), f32(dy[start.y]), f32(dy[start.z]), f32(dy[start.w]));
                    } else {
                      let start = at + (startQ + pass_ * p.q.x);
                      x[w] = vec4f(f32(q[start.x]), f32(q[start.y]), f32(q[start.z]), f32(q[start.w]));
                    }
                  } else {
                    let tile = tile0 + across;
                    let at = mine + select(area, 0u, kind == DV) + select(line * p.side + tile, tile * p.side + line, upright);
                    x[w] = vec4f(panel[at.x], panel[at.y], panel[at.z], panel[at.w]);
                    x[w] = select(x[w], vec4f(0), vec4<bool>(upright) & (tile >= vec4u(rowEnd - row0)));
                  }
                }
                var product = block_multiply(x, one);
                for (var w = 0u; w < WIDE; w++) {
                  let across = 4u * (lane + w * LANES);
                  if (turned) {
                    let at = mine + line * p.side + tile0 + across;
                    let to = at + select(0u, area, valued);
                    if (from0 > 0u) { product[w] += vec4f(panel[to], panel[to + 1u], panel[to + 2u], panel[to + 3u]); }
                    if (from0 + TILE >= deep) {
                      if (valued) {
                        let powers = vec4f(panel[at], panel[at + 1u], panel[at + 2u], panel[at + 3u]);
                        product[w] = powers * (product[w] - sums[p.planes * p.rows + startL + pass_]) * p.scale * 0.6931471805599453;
                      } else {
                        let key = vec4u(key0 + tile0 + across) + vec4u(0, 1, 2, 3);
                        let score = scored(product[w] * p.scale, p.kind, p.extra, batch, head, pass_, key, p.keys);
                        let end = select(p.keys, min(p.keys, pass_ + 1u), p.causal == 1u);
                        product[w] = powers_of(select(score, vec4f(LOWEST), key >= vec4u(end)), sums[startL + pass_]);
                      }
                    }
                    for (var j = 0u; j < 4u; j++) { panel[to + j] = product[w][j]; }
                    continue;
                  }
                  for (var j = 0u; j < 4u; j++) {
                    let d = from0 + across + j;
                    if (d >= deep) { continue; }
                    if (kind == DQ) {
                      let to = startQ + pass_ * p.q.x + d;
                      dq[to] = select(dq[to], 0.0, key0 + tile0 == 0u) + product[w][j];
                    } else {
                      let fresh = head == kv * p.group && row0 == firstTile && tile0 == 0u;
                      if (kind == DV) {
                        let to = startV + pass_ * p.v.x + d;
                        dv[to] = select(dv[to], 0.0, fresh) + product[w][j];
                      } else {
                        let to = startK + pass_ * p.k.x + d;
                        dk[to] = select(dk[to], 0.0, fresh) + product[w][j];
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
