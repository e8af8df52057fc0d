// Include, no kernel: what the Winograd kernels share. With the matrices of Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks"
// (2016, arXiv:1509.09308), §4.1 and §4.3, an m×m tile of a 3×3 convolution with stride 1 is Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A: (m + 2)² products in place of 9·m².
//   m = 2:  Bᵀ = 1  0 -1  0    G = 1   0   0    Aᵀ = 1  1  1  0
//                0  1  1  0        1/2 1/2 1/2       0  1 -1 -1
//                0 -1  1  0        1/2-1/2 1/2
//                0  1  0 -1        0   0   1
//   m = 4:  Bᵀ = 4  0 -5  0  1  0    G =  1/4   0    0     Aᵀ = 1  1  1  1  1  0
//                0 -4 -4  1  1  0        -1/6 -1/6 -1/6         0  1 -1  2 -2  0
//                0  4 -4 -1  1  0        -1/6  1/6 -1/6         0  1  1  4  4  0
//                0 -2 -1  2  1  0         1/24 1/12 1/6         0  1 -1  8 -8  1
//                0  2 -1 -2  1  0         1/24-1/12 1/6
//                0  4  0 -5  0  1         0    0    1
// The three factors of the form are exchangeable, so the weight gradient is Gᵀ[(Bᵀ·x·B) ⊙ (A·dy·Aᵀ)]G with the same matrices.
// Every matrix is applied to columns, then to rows, as straight code on registers. Transformed data lie as [plane][tile][channel] (scalars
// in other orders, too); plane r·(m + 2) + c is element (r, c) of the tiles. A thread takes a Vec of channels.
// Constant: GROUP, threads of a workgroup. Grid: see tensor/chunk.
// include tensor/chunk
// include tensor/grid_stride
struct Params {
  // Images, tiles down and across, Vecs of channels; and the position of Vec GROUP in that box.
  sides: vec4u,
  jump: vec4u,
  // Of the image that the tiles lie on, and how far before it the first tile begins.
  h: i32, w: i32, top: i32, left: i32,
  // Images from `first` to `end` of the tensor are in the box; tiles behind the last are zero.
  first: i32, end: i32,
  // Tiles in a plane, and the rows of tiles that it has, the last of them perhaps in part.
  tiles: u32, lines: u32,
  // Vecs from one plane, tile and channel of the transformed data to the next.
  plane: u32, tile: u32, channel: u32,
}

// Where the first plane has a tile's channel.
fn index_of(at: vec4u) -> u32 { return ((at.x * p.sides.y + at.y) * p.sides.z + at.z) * p.tile + at.w * p.channel; }
