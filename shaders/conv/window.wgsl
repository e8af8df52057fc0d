  // Include, fields of a uniform: a window, windowWords() of src/ops/conv/kernels/window.ts. Input channel k and output channel o of tap (a, b) have their weight
  // at w0 + a·wy + b·wx + k·wk + o·wc; output pixel (q, r) of an image lies at pixel y0 + image·yn + q·yh + r·yw.
// include conv/sizes
  w0: i32, wy: i32, wx: i32, wk: i32, wc: i32,
  y0: i32, yn: i32, yh: i32, yw: i32,
