// Fused attention for software adapters, y = softmax(q·kᵀ·scale + bias)·v row by row, never more of the N×M scores at once than a panel of `side` rows and TILE keys,
// which a workgroup keeps in its part of `panel`. A tile of keys stands still while the panel's rows pass by twice: for the scores, then for the values. y is normalized
// after each tile, by what lse, the binary logarithm of the row's sum of powers so far, says. Scores are in binary logarithms too: scale and bias count log2(e) times.
// y must be f32. Constants: those of attention/block and attention/extra; DEEP: is depth more than TILE? Types: Elem, Extra. Grid: as many workgroups as fill the machine,
// which take in turn `share` rows of a head.
// variant: {"constants": {"LANES": 8, "TILE": 64, "DEEP": false, "EXTRA": false}, "types": {"Elem": "f32", "Extra": "f32"}}
// variant: {"constants": {"LANES": 8, "TILE": 32, "DEEP": true, "EXTRA": true}, "types": {"Elem": "f16", "Extra": "u32"}}
// variant: {"constants": {"LANES": 4, "TILE": 32, "DEEP": true, "EXTRA": true}, "types": {"Elem": "f32", "Extra": "f16"}}
enable subgroups;
// include attention/params
@group(0) @binding(0) var<storage, read> q: array<Elem>;
@group(0) @binding(1) var<storage, read> k: array<Elem>;
@group(0) @binding(2) var<storage, read> v: array<Elem>;
@group(0) @binding(3) var<storage, read> extra: array<Extra>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;
@group(0) @binding(6) var<storage, read_write> panel: array<vec4f>;
@group(0) @binding(7) var<uniform> params: Params;
// include attention/block
// include attention/extra

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let one = p.one;
  // Where the panel's vec4s end and one for each row begins: the share of what y held that the new tile leaves.
  let kept0 = p.side * TILE / 4u;
  let mine = wid.x * (kept0 + p.side);
  let partsQ = (p.depth + TILE - 1u) / TILE;
  let partsV = (p.depthV + TILE - 1u) / TILE;
  let shares = (p.rows + p.share - 1u) / p.share;
  for (var job = wid.x; job < p.planes * shares; job += groups.x) {
    let plane = job / shares;
    let batch = plane / p.heads;
    let head = plane % p.heads;
    let startQ = batch * p.q.z + head * p.q.y;
    let startK = p.k0 + batch * p.k.z + head / p.group * p.k.y;
    let startV = p.v0 + batch * p.v.z + head / p.group * p.v.y;
    let startY = batch * p.y.z + head * p.y.y;
    let startL = plane * p.rows;
    let first = job % shares * p.share;
    let last = min(first + p.share, p.rows);
    for (var row0 = first; row0 < last; row0 += p.side) {
      let end = min(row0 + p.side, last);
      let seen = select(p.keys, min(p.keys, end), p.causal == 1u);
      for (var key0 = 0u; key0 < seen; key0 += TILE) {
        for (var part = 0u; part < partsQ + partsV; part++) {
          let scoring = part < partsQ;
          let from0 = select(part - partsQ, part, scoring) * TILE;
          let begin = select(row0, max(row0, key0), p.causal == 1u);
          // Keys go across the block and depth down, or the values' depth across and keys down.
          for (var i = 0u; i < p.filled; i++) {
            var quads = array<vec4f, WIDE>();
            for (var w = 0u; w < WIDE * one; w++) {
              let across = vec4u(4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3);
              let key = key0 + select(vec4u(i), across, scoring);
              let d = from0 + select(across, vec4u(i), scoring);
              let near = min(key, vec4u(p.keys - 1u));
              if (scoring) {
                let at = startK + near * p.k.x + min(d, vec4u(p.depth - 1u));
                quads[w] = vec4f(f32(k[at.x]), f32(k[at.y]), f32(k[at.z]), f32(k[at.w]));
              } else {
                let at = startV + near * p.v.x + min(d, vec4u(p.depthV - 1u));
                quads[w] = vec4f(f32(v[at.x]), f32(v[at.y]), f32(v[at.z]), f32(v[at.w]));
              }
              let inside = (key < vec4u(p.keys)) & (d < vec4u(select(p.depthV, p.depth, scoring)));
              quads[w] = select(vec4f(0), quads[w], inside);
            }
            block_set(i, quads);
          }
          for (var row = select(begin, end, scoring); row < end; row++) {
            var x = array<vec4f, WIDE>();
            for (var w = 0u; w < WIDE; w++) { x[w] = panel[mine + (row - row0) * (TILE / 4u) + lane + w * LANES]; }
            let product = block_multiply(x, one);
            let kept = panel[mine + kept0 + row - row0].x;
            for (var w = 0u; w < WIDE; w++) {
              let d = vec4u(from0 + 4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3);
              let at = vec4u(startY + row * p.y.x) + min(d, vec4u(p.depthV - 1u));
              let before = vec4f(y[at.x], y[at.y], y[at.z], y[at.w]);
              let now = product[w] + select(kept * before, vec4f(0), key0 == 0u);
              for (var j = 0u; j < 4u; j++) { if (d[j] < p.depthV) { y[at[j]] = now[j]; } }
            }
          }
          for (var row = select(end, begin, scoring); row < end; row++) {
            let at = mine + (row - row0) * (TILE / 4u) + lane;
            var x = array<vec4f, WIDE>();
            for (var w = 0u; w < WIDE; w++) {
              let d = min(vec4u(from0 + 4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3), vec4u(p.depth - 1u));
              let start = vec4u(startQ + row * p.q.x) + d;
              x[w] = vec4f(f32(q[start.x]), f32(q[start.y]), f32(q[start.z]), f32(q[start.w]));
            }
            var product = block_multiply(x, one);
            if (DEEP && part > 0u) { for (var w = 0u; w < WIDE; w++) { product[w] += panel[at + w * LANES]; } }
            if (DEEP && part + 1u < partsQ) {
              for (var w = 0u; w < WIDE; w++) { panel[at + w * LANES] = product[w]; }
              continue;
            }
            var high = LOWEST;
            for (var w = 0u; w < WIDE; w++) {
              let key = vec4u(key0 + 4u * (lane + w * LANES)) + vec4u(0, 1, 2, 3);
              let score = scored(product[w] * p.scale, p.kind, p.extra, batch, head, row, key, p.keys);
              let seen = select(p.keys, min(p.keys, row + 1u), p.causal == 1u);
              product[w] = select(score, vec4f(LOWEST), key >= vec4u(seen));
              high = max(high, max(max(product[w].x, product[w].y), max(product[w].z, product[w].w)));
            }
            let before = select(lse[startL + row], LOWEST, key0 == 0u);
            high = max(before, subgroupMax(high));
            var total = 0.0;
            for (var w = 0u; w < WIDE; w++) {
              product[w] = powers_of(product[w], high);
              total += dot(product[w], vec4f(1));
            }
            let was = powers_of(vec4f(before), high).x;
            total = was + subgroupAdd(total);
            let share = select(1.0 / total, 0.0, total == 0.0);
            for (var w = 0u; w < WIDE; w++) { panel[at + w * LANES] = product[w] * share; }
            if (lane == 0u) {
              panel[mine + kept0 + row - row0] = vec4f(was * share);
              lse[startL + row] = select(high + log2(total), LOWEST, total == 0.0);
            }
          }
        }
      }
    }
  }
}
