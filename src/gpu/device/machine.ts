// The machine's numbers: how large workgroups are, how many fill the machine, what one is worth, and which kinds of kernel suit it. Kernels read them as
// `gpu.machine`, and nothing else asks for speed's sake whether an adapter is a software one (a CPU that plays a GPU: llvmpipe, SwiftShader).
//
// "Measured" means on llvmpipe with two cores. The numbers for GPUs are what such machines are built for (workgroups of whole subgroups, some hundred
// thousand threads), not measured unless a row says so; the tuner decides between kernels where that matters.

/** A number of software adapters, and of GPUs. */
const either = <T>(software: T, gpu: T): { software: T; gpu: T } => ({ software, gpu });
/** A number of a kernel that only one kind of machine gets by itself. */
const always = <T>(value: T): { software: T; gpu: T } => either(value, value);

const NUMBERS = {
  /** Kernels that treat every element alike. */
  elementwise: {
    /** Workgroup size, most workgroups, and elements a thread is worth: shaders/tensor/chunk.wgsl says what was measured. */
    chunk: either({ group: 8, most: 32, least: 8 }, { group: 256, most: 1024, least: 1 }),
    /** The same for filling memory, of which there is too little to save threads. */
    fill: either({ group: 8, most: 32, least: 1 }, { group: 256, most: 1024, least: 1 }),
    /** Threads that fill the machine. Measured: 4096 to 65536 take the same time, one thread an element 2-3× as long. */
    gridStride: either(16384, 262144),
    /** vec4s that an optimizer's thread takes at least, since a software adapter pays for each thread, and most threads. */
    optimizer: either({ least: 16, most: Number.POSITIVE_INFINITY }, { least: 1, most: 2 ** 21 }),
  },
  reduce: {
    /** Threads of a workgroup that share a row. */
    lanes: either(64, 256),
    /** Workgroups over rows that fill the machine. */
    workgroups: either(64, 1024),
    /** Threads over columns that fill the machine. */
    threads: either(4096, 65536),
    /** Elements that are not worth a second pass: on a software adapter a dispatch costs as much as these. */
    single: either(16384, 0),
    /** Is a workgroup of one subgroup best for rows? A barrier costs a software adapter more than everything else; a GPU would be half empty. */
    subgroups: either(true, false),
    /** Workgroups of one subgroup that rows are shared out among: starting one costs a software adapter as much as a short row. */
    subgroupRows: always(256),
    /**
     * Vec4s of a row that a thread over columns owns, and threads side by side between them. Measured: rows of 4 KiB take half the time where 32 vec4s of each are
     * read one after the other; a GPU reads as many at once as it has lanes.
     */
    columns: either({ wide: 4, side: 8 }, { wide: 1, side: 1 }),
    /**
     * Sorting: values of a block that are compared each with each, and values that a thread merges. Measured, of 10⁶: blocks of 16 take a fifth less time than of 8 or 32,
     * steps of 16 a quarter less than of 8. A GPU has threads for shorter steps.
     */
    sort: either({ block: 16, step: 16 }, { block: 32, step: 8 }),
  },
  shape: {
    /**
     * Are transpositions best done in 4×4 blocks in registers, and what has no fours element by element? Measured, processor time, against a copy: NHWC to NCHW
     * of 8×56×56×64 takes 1.8 times in blocks, 2.7 element by element, 7 through tiles in workgroup memory, which are made for GPUs.
     */
    registers: either(true, false),
    /** Are pieces best moved in the order in which they are read, rather than written? Measured: heads first, 8×197×12×64, takes 0.7 of the time, and back 0.87. */
    bySource: either(true, false),
    /** Indices that every element of a sum by target looks through, and looks in all, up to which that is no slower than sorting them first. Measured. */
    scan: either({ picks: 4096, looks: 2 ** 18 }, { picks: 4096, looks: 2 ** 26 }),
  },
  norm: {
    /**
     * Kernels that map values: workgroup size, blocks of channels that a thread takes where there are more channels than threads, most workgroups, values a
     * thread is worth. A software adapter's workgroup is one subgroup: shaders/norm/normalize.wgsl says what was measured.
     */
    map: either({ group: 8, blocks: 4, most: 32, least: 8 }, { group: 64, blocks: 1, most: 4096, least: 8 }),
    /** Kernels that add up, and whether their threads add up in workgroup memory what they have: a software adapter switches coroutines for each barrier. */
    reduce: either(
      { group: 8, blocks: 4, most: 32, least: 64, shared: false },
      { group: 256, blocks: 1, most: 1024, least: 16, shared: true },
    ),
    /** Kernels that add up partial sums: threads of a workgroup, and whether several share a channel. Measured: 8 without a barrier take half the time of 64. */
    finish: either({ threads: 8, shared: false }, { threads: 64, shared: true }),
    /**
     * Kernels over units, the values that share a mean and a deviation: length from which each is a subgroup's, which needs no barrier, where subgroups are the
     * workgroups that a software adapter likes; most workgroups; threads of other ones, units from which each has a lane of its own, and lanes that others may have,
     * eight values each or more.
     */
    units: either(
      { subgroupFrom: 64, most: 32, group: 8, alone: 16, lanes: [8, 32, 64] },
      {
        subgroupFrom: Number.POSITIVE_INFINITY,
        most: 65535,
        group: 64,
        alone: Number.POSITIVE_INFINITY,
        lanes: [1, 8, 32, 256],
      },
    ),
    /** Kernels that add up over units: threads of a workgroup, and threads that fill the machine, each of at least so many rows. */
    unitSums: either({ group: 8, threads: 256, least: 16 }, { group: 64, threads: 65536, least: 16 }),
  },
  matmul: {
    /** Multiply-adds below which the plain kernel is as fast: what the others save is less than what their launches cost. */
    small: either(2 ** 18, 2 ** 14),
    /** Does a block of one operand stand still in each thread's own memory, as a CPU's cache likes it, rather than a tile in the workgroup's? */
    stationary: either(true, false),
    /** Workgroups that keep the threads of a software adapter busy; more would load the stationary block more often for nothing. */
    stationaryWorkgroups: always(16),
    /** Workgroups that share a copy into the layout of the stationary kernel. */
    repackWorkgroups: always(16),
    /** Threads with which tiles fill a large GPU: two workgroups of 256 on each of 128 processors. */
    tileThreads: always(65536),
    /** Are the loops over a tile to stay loops? A software adapter compiles unrolled ones for seconds. */
    rolled: either(true, false),
    /** Workgroups below which matrix units of a large GPU are idle, so that smaller tiles do better. */
    matrixWorkgroups: always(128),
    /**
     * Multiply-adds from which matrix units are the first guess. Measured on an H200: 3×3 3→64 over 128 images of 32×32, 2²⁷·⁸ of them, takes a seventh of the
     * tiled kernel's time forward and a ninth in the weight gradient; of products with 2¹⁹ some take less time on the units, some more.
     */
    matrixFrom: always(2 ** 27),
    /** The pass that applies an epilogue: workgroup size, most workgroups, and values that one is worth. */
    epilogue: either({ group: 8, most: 32, least: 64 }, { group: 64, most: 8192, least: 256 }),
  },
  attention: {
    /** Multiply-adds below which the plain kernels are as fast. */
    small: either(2 ** 16, 2 ** 14),
    /** Workgroups that keep the threads of a software adapter busy: a few for each core, since every one loads its own blocks. */
    stationaryWorkgroups: always(8),
  },
  conv: {
    /** Workgroup size, most workgroups, and threads that fill the machine. */
    depthwise: either({ group: 8, most: 32, threads: 256 }, { group: 64, most: 65535, threads: 65536 }),
    /** Workgroups that a direction is cut into: a few for each of a small machine's cores, since every one loads its own block of weights. */
    stationaryWorkgroups: always(8),
    /** Planes of partial weight gradients from which an element's are shared among so many threads; barriers cost a software adapter more than they save. */
    sum: either({ planes: Number.POSITIVE_INFINITY, shares: 1 }, { planes: 16, shares: 8 }),
    /** Workgroups that a weight gradient on matrix units is split into, about four for each processor, and the fewest pixels worth a split. */
    matrixWeight: always({ workgroups: 512, pixels: 512 }),
    /**
     * Input times output channels from which a 1×1 convolution is a matrix product before it is a stationary one. Measured: 120→48 takes half the time,
     * 64→128 0.8 of it, 32→64 no less; the weight gradient 1.2-1.3 times as much.
     */
    gemmFrom: always(4096),
  },
  winograd: {
    /**
     * Where F(4×4) goes before the stationary kernels: `work` is input channels × output channels × tiles. Measured: 64→64 with 512 tiles, 128→128 with 128
     * and 256→256 with 32 take 1.3-1.8× less time than by the stationary kernels; 64→64 with 128 tiles 1.3× more, but 1.3× less in the weight gradient; 32→32
     * 1.2× more, 16→16 2×; 256→256 with 16 tiles and 512→512 with 8, which share a large weight's transform, 1.5×. On an H200 it goes before the tiled kernels: 64→64 with 8192 tiles takes 0.66-0.71 of their time; less was not measured.
     */
    from: either(
      { work: { forward: 2 ** 20, dataGradient: 2 ** 20, weightGradient: 2 ** 19 }, channels: 64, tiles: 32 },
      { work: { forward: 2 ** 25, dataGradient: 2 ** 25, weightGradient: 2 ** 25 }, channels: 64, tiles: 32 },
    ),
    /** The transforms: workgroup size, the most workgroups and the fewest Vecs of a thread (shaders/tensor/chunk.wgsl). */
    transform: either({ group: 8, most: 32, least: 4 }, { group: 64, most: 65535, least: 1 }),
    /**
     * Channels a thread, by tile. Measured: vectors gain nothing on llvmpipe and take 2-4 times as long to compile. A GPU thread holds a whole tile in
     * registers, so the larger one gets the shorter vectors: 16 vec4s or 36 vec2s.
     */
    channels: either({ 2: 1, 4: 1 }, { 2: 4, 4: 2 }),
    /**
     * Bytes that the transformed data of one chunk of images may take. They are written once and read once, so that more gains nothing once a GPU is full (512
     * images of 32×32×64 make three chunks). A software adapter wants no more than its last cache and few dispatches. Measured: 32 images, 4×4 tiles, take 0.9
     * of the time with 32 MiB that they take with 8; 2 MiB cost 1.1 to 1.4 times as much as 8.
     */
    scratch: either(2 ** 25, 2 ** 28),
    /** Workgroups of up to 128×64 elements of a plane that fill the machine, and the fewest tiles worth a split of the weight gradient's sums. */
    weightSplit: either({ workgroups: 1, tiles: 256 }, { workgroups: 512, tiles: 256 }),
  },
  /** Kernels over images packed into one tensor. */
  packed: {
    /** Parts that segments are summed in: enough to fill the machine, each of so many pixels that it is worth the start of a workgroup. */
    parts: either({ most: 16, least: 64 }, { most: 1024, least: 64 }),
    /** Threads of a workgroup over a part of a segment. */
    lanes: either(32, 256),
    /** How 64 threads are shared among channels when the parts' sums are added up: a software adapter without a barrier. */
    finish: either({ CHANNELS: 64, LANES: 1 }, { CHANNELS: 8, LANES: 8 }),
    /** Threads of a workgroup over pixels, and most workgroups. */
    pixels: either({ lanes: 32, most: 32 }, { lanes: 256, most: 1024 }),
  },
  detection: {
    /**
     * The mask head: threads of a workgroup, whether each holds an instance's parameters (shaders/detection/mask_head_held_subgroup.wgsl), and positions that a workgroup takes
     * of an instance forward, of an image backward.
     */
    maskHead: either(
      { group: 8, holds: true, forward: 512, features: 64 },
      { group: 64, holds: false, forward: 64, features: 64 },
    ),
    /** Pairs of neighbors: threads of a workgroup, most slices of an instance's sum, and positions whose gradients a workgroup makes. */
    pairs: either({ group: 8, most: 64, share: 1024 }, { group: 64, most: 512, share: 256 }),
  },
  /** The probes of the roofline. */
  probe: {
    /** Workgroups and threads that fill the machine, so that a round takes about a millisecond: a few cores, or up to 300,000 threads. */
    arithmetic: either({ groups: 16, threads: 64 }, { groups: 4096, threads: 256 }),
    /** Workgroup size (0: a subgroup), most workgroups, and whether each reads a contiguous chunk, which a CPU prefetches, rather than every n-th piece. */
    memory: either({ group: 0, most: 64, chunked: true }, { group: 256, most: 4096, chunked: false }),
    /** Bytes of each buffer, well beyond any cache. */
    bytes: either(2 ** 26, 2 ** 28),
  },
};

type Numbers = typeof NUMBERS;
type Kind = 'software' | 'gpu';

/** The numbers of one kind of machine, by family of kernels. */
export type Machine = {
  readonly [Family in keyof Numbers]: {
    readonly [Name in keyof Numbers[Family]]: Numbers[Family][Name] extends Record<Kind, infer T> ? T : never;
  };
};

const numbersOf = (kind: Kind): Machine =>
  Object.fromEntries(
    Object.entries(NUMBERS).map(([family, rows]) => [
      family,
      Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row[kind]])),
    ]),
  ) as Machine;

const MACHINES: Record<Kind, Machine> = { software: numbersOf('software'), gpu: numbersOf('gpu') };

/** The numbers for an adapter. */
export const machineOf = ({ software }: { software: boolean }): Machine => MACHINES[software ? 'software' : 'gpu'];
