// Backward pass of attention/stationary. A workgroup takes the keys of one head of k and v, and the rows of all heads that share it. Of the scores it makes side×side at a
// time, in its part of `panel`: first the powers P, then their gradients dS, which five products need or make, each with a block of TILE×TILE that stands still:
// P from q·kᵀ, dS from dy·vᵀ, dq += dS·k, dv += Pᵀ·dy, dk += dSᵀ·q. dq, dk and dv are written by the first tile and added to by later ones, in `out`, where dq lies in front,
// dk from p.dk on and dv from p.dv on, since lanes that a branch leaves out would go through stores to each of three.
// `sums` has lse of the forward pass, then the rows' Σ y·dy. Constants: those of attention/block and attention/extra; DEEP: is depth or depthV more than TILE? Types: Elem, Extra. Grid: as many workgroups as fill the machine,
// which take the heads of k in turn.
// variant: {"constants": {"LANES": 8, "TILE": 64, "DEEP": false, "EXTRA": false}, "types": {"Elem": "f32", "Extra": "f32"}}
// variant: {"constants": {"LANES": 8, "TILE": 32, "DEEP": true, "EXTRA": true}, "types": {"Elem": "f16", "Extra": "u32"}}
// variant: {"constants": {"LANES": 4, "TILE": 32, "DEEP": true, "EXTRA": true}, "types": {"Elem": "f32", "Extra": "f16"}}
enable subgroups;
// include attention/params
@group(0) @binding(0) var<storage, read> q: array<Elem>;
@group(0) @binding(1) var<storage, read> k: array<Elem>;
@group(0) @binding(2) var<storage, read> v: array<Elem>;
@group(0) @binding(3) var<storage, read> extra: array<Extra>;
@group(0) @binding(4) var<storage, read> dy: array<Elem>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
@group(0) @binding(7) var<storage, read_write> panel: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;
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
    let startK = p.k0 + batch * p.k.z + kv * p.k.y;
    let startV = p.v0 + batch * p.v.z + kv * p.v.y;
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
            let turned = kind < DQ; // tokens across the block and depth down, or the other way
            let upright = kind > DQ; // keys pass by, not rows
            let valued = kind == SLOPES || kind == DV;
            let deep = select(p.depth, p.depthV, valued);
            let parts = (deep + TILE - 1u) / TILE;
            let tiles = (select(keyEnd - key0, rowEnd - row0, upright) + TILE - 1u) / TILE;
            let begin = select(row0, key0, upright);
            let end = select(rowEnd, keyEnd, upright);
            let tokens = select(p.keys, p.rows, upright); // of the block
            for (var job = 0u; job < parts * tiles; job++) {
              let tile0 = job / parts * TILE;
              let from0 = job % parts * TILE;
              let token0 = select(key0, row0, upright) + tile0;
              for (var i = 0u; i < p.filled; i++) {
                var quads = array<vec4f, WIDE>();
                for (var w = 0u; w < WIDE * one; w++) {
                  let across = vec4u(4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3);
                  let token = token0 + select(vec4u(i), across, turned);
                  let d = from0 + select(across, vec4u(i), turned);
                  let near = min(token, vec4u(tokens - 1u));
                  let at = min(d, vec4u(deep - 1u));
                  if (kind == SLOPES) {
                    let place = startV + near * p.v.x + at;
                    quads[w] = vec4f(f32(v[place.x]), f32(v[place.y]), f32(v[place.z]), f32(v[place.w]));
                  } else if (kind == DV) {
                    let place = startY + near * p.y.x + at;
                    quads[w] = vec4f(f32(dy[place.x]), f32(dy[place.y]), f32(dy[place.z]), f32(dy[place.w]));
                  } else if (kind == DK) {
                    let place = startQ + near * p.q.x + at;
                    quads[w] = vec4f(f32(q[place.x]), f32(q[place.y]), f32(q[place.z]), f32(q[place.w]));
                  } else {
                    let place = startK + near * p.k.x + at;
                    quads[w] = vec4f(f32(k[place.x]), f32(k[place.y]), f32(k[place.z]), f32(k[place.w]));
                  }
                  quads[w] = select(vec4f(0), quads[w], (token < vec4u(tokens)) & (d < vec4u(deep)));
                }
                block_set(i, quads);
              }
              for (var row = select(end, begin, turned); row < end; row++) {
                var x = array<vec4f, WIDE>();
                for (var w = 0u; w < WIDE; w++) {
                  let at = min(vec4u(from0 + 4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3), vec4u(deep - 1u));
                  if (valued) {
                    let place = at + (startY + row * p.y.x);
                    x[w] = vec4f(f32(dy[place.x]), f32(dy[place.y]), f32(dy[place.z]), f32(dy[place.w]));
                  } else {
                    let place = at + (startQ + row * p.q.x);
                    x[w] = vec4f(f32(q[place.x]), f32(q[place.y]), f32(q[place.z]), f32(q[place.w]));
                  }
                }
                var product = block_multiply(x, one);
                for (var w = 0u; w < WIDE; w++) {
                  let across = tile0 + 4u * (lane + w * LANES);
                  let at = mine + (row - row0) * p.side + across;
                  let to = at + select(0u, area, valued);
                  if (DEEP && from0 > 0u) {
                    product[w] += vec4f(panel[to], panel[to + 1u], panel[to + 2u], panel[to + 3u]);
                  }
                  if (!DEEP || from0 + TILE >= deep) {
                    if (valued) {
                      let powers = vec4f(panel[at], panel[at + 1u], panel[at + 2u], panel[at + 3u]);
                      let delta = sums[p.planes * p.rows + startL + row];
                      product[w] = powers * (product[w] - delta) * p.scale * 0.6931471805599453;
                    } else {
                      let key = vec4u(key0 + across) + vec4u(0, 1, 2, 3);
                      let score = scored(product[w] * p.scale, p.kind, p.extra, batch, head, row, key, p.keys);
                      let seen = select(p.keys, min(p.keys, row + 1u), p.causal == 1u);
                      let shown = select(score, vec4f(LOWEST), key >= vec4u(seen));
                      product[w] = powers_of(shown, sums[startL + row]);
                    }
                  }
                  for (var j = 0u; j < 4u; j++) { panel[to + j] = product[w][j]; }
                }
              }
              let places = select(select(p.dk + startK, p.dv + startV, kind == DV), startQ, kind == DQ);
              let stride = select(select(p.k.x, p.v.x, kind == DV), p.q.x, kind == DQ);
              let first = select(head == kv * p.group && row0 == firstTile && tile0 == 0u, key0 + tile0 == 0u, kind == DQ);
              for (var token = select(begin, end, turned); token < end; token++) {
                let line = token - begin;
                var x = array<vec4f, WIDE>();
                for (var w = 0u; w < WIDE; w++) {
                  let tile = vec4u(tile0 + 4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3);
                  let at = mine + select(area, 0u, kind == DV) + select(line * p.side + tile, tile * p.side + line, upright);
                  let from_panel = vec4f(panel[at.x], panel[at.y], panel[at.z], panel[at.w]);
                  x[w] = select(from_panel, vec4f(0), vec4<bool>(upright) & (tile >= vec4u(rowEnd - row0)));
                }
                let product = block_multiply(x, one);
                for (var w = 0u; w < WIDE; w++) {
                  let d = vec4u(from0 + 4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3);
                  let at = vec4u(places + token * stride) + min(d, vec4u(deep - 1u));
                  let now = product[w] + select(vec4f(out[at.x], out[at.y], out[at.z], out[at.w]), vec4f(0), first);
                  for (var j = 0u; j < 4u; j++) { if (d[j] < deep) { out[at[j]] = now[j]; } }
                }
              }
            }
          }
        }
      }
    }
  }
}
