  // Include, fields of a uniform: the sizes of a convolution, sizeWords() of src/ops/conv/kernels/geometry.ts. An input of h×w pixels with ci channels, an output
  // of ho×wo with co, a kernel of kh×kw, and strides, paddings and dilations, vertical and horizontal.
  h: i32, w: i32, ci: i32, ho: i32,
  wo: i32, co: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, ph: i32, pw: i32,
  dh: i32, dw: i32,
