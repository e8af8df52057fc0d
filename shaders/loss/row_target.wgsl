// Include, no kernel: what the losses of rows of logits [rows, C] share. Each row's target q is a label, or with SOFT a row of shares, both smoothed; with WEIGHTED classes
// count by their weights w. A class adds w·q·f(p) to its row's loss, p its softmax: f = −log p, or with FOCAL −(1 − p)^gamma · log p. Types: X of logits, T of
// targets.
// include loss/focal_term
@group(0) @binding(0) var<storage, read> logits: array<X>;
@group(0) @binding(1) var<storage, read> targets: array<T>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
struct Params {
  rows: u32,
  columns: u32,
  smoothing: f32,
  gamma: f32,
  nan: u32, // bits, as WGSL has no NaN of its own
  ignores: u32, // 1: rows with the label
  ignored: u32,
  divisor: f32, // of the gradient
}

fn is_ignored(row: u32) -> bool { return !SOFT && params.ignores == 1u && u32(targets[row]) == params.ignored; }

fn is_wrong(row: u32) -> bool { return !SOFT && u32(targets[row]) >= params.columns; }

fn weight_of(c: u32) -> f32 {
  if (WEIGHTED) { return weights[c]; }
  return 1.0;
}

// w·q of a class.
fn wanted(row: u32, c: u32) -> f32 {
  var share: f32;
  if (SOFT) { share = f32(targets[row * params.columns + c]); } else { share = select(0.0, 1.0, u32(targets[row]) == c); }
  return weight_of(c) * (params.smoothing / f32(params.columns) + (1.0 - params.smoothing) * share);
}

// f(p) and p · f'(p).
fn term(log_p: f32) -> vec2f {
  if (FOCAL) { return vec2f(focal(log_p, params.gamma), focal_slope(log_p, params.gamma)); }
  return vec2f(-log_p, -1.0);
}
