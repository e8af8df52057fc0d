// An optimizer's clock on the GPU, so that a captured step replays with a new learning rate. It also keeps the loss scale and the norm of the gradients, since both
// decide whether a step is taken and what gradients are multiplied with. Dynamic loss scaling (Micikevicius et al. 2018): gradients that pass through f16 are kept
// away from its lower end by a factor on the loss, which is halved when one overflows and doubled after a long time without; the numbers are torch.amp.GradScaler's.
import { f32, params, type Slice } from '../../gpu/index.ts';
import { empty, gridStrideLaunch, keep, type Tensor, tensor, zeros } from '../../tensor/index.ts';
import { type FlatParameters, type Piece, piecesOf } from './flat-parameters.ts';

const START = 65536;
/** Steps without an overflow after which the scale doubles. */
const INTERVAL = 2000;

interface StepCounterOptions {
  /** f32 [steps]. */
  rates: Tensor;
  /** Whose powers correct Adam's bias. */
  betas: readonly [number, number];
  lossScaling: boolean;
  /** The largest norm of all gradients; none to leave it. */
  clipNorm?: number;
  foundNonFinite?: Tensor;
}

/** Counts steps on the GPU, and works out what each needs to know. */
export class StepCounter {
  /** f32 [4], what shaders/optim/step_counter.wgsl worked out for this step. */
  readonly now: Tensor;
  /** f32 [1], of all gradients at the last step, unscaled, before they were clipped; NaN where nobody asked for clipping. */
  readonly norm: Tensor;
  /** f32 [1], the loss scale: what backward() starts with in place of 1. */
  readonly lossScale: Tensor;
  private readonly gradients: Tensor;
  private readonly used: Tensor;
  private readonly rates: Tensor;
  private readonly clips: boolean;
  private readonly scales: boolean;
  /** u32 [1], steps done. */
  private readonly steps: Tensor;
  /** f32 [2]: the scale, constant 1 unless it is dynamic, and the good steps since it last changed. */
  private readonly scale: Tensor;
  /** u32 [1]: not 0 if a gradient was not finite at the last look. */
  private readonly found: Tensor;
  private readonly foundNonFinite: Tensor;
  /** Sums of squares of workgroups. */
  private readonly squares: Tensor;
  private readonly pieces: readonly { piece: Piece; vectors: number; grid: [number, number]; threads: number }[];
  /** Where each piece's sums of squares go. */
  private readonly sums: readonly Slice[];
  private readonly made: Tensor[];
  private readonly words: ArrayBuffer;

  constructor(flat: FlatParameters, { rates, betas, lossScaling, clipNorm, foundNonFinite }: StepCounterOptions) {
    const { gpu, size } = flat.gradients;
    this.pieces = piecesOf(flat.gradients).map((piece) => ({
      ...{ piece, vectors: Math.ceil(piece.size / 4) },
      ...gridStrideLaunch(gpu, Math.ceil(piece.size / 4)),
    }));
    // Each piece's sums begin where they can be bound; what lies between is 0.
    const sums = Math.ceil(this.pieces[0].grid[0] / 64) * 64;
    const parts = (this.pieces.length - 1) * sums + this.pieces[this.pieces.length - 1].grid[0];
    this.rates = rates;
    this.clips = clipNorm !== undefined;
    this.scales = lossScaling;
    this.steps = keep(zeros(gpu, [1], 'optimizer steps', 'u32'));
    this.now = keep(empty(gpu, [4], 'optimizer now'));
    this.norm = keep(tensor(gpu, [Number.NaN], [1], 'gradient norm'));
    this.scale = keep(tensor(gpu, [lossScaling ? START : 1, 0], [2], 'loss scale'));
    this.lossScale = keep(this.scale.alias([1]));
    this.found = keep(zeros(gpu, [1], 'overflow', 'u32'));
    this.squares = keep(zeros(gpu, [this.clips ? parts : 1], 'squares of gradients'));
    const { slice } = this.squares;
    this.sums = this.pieces.map((_, i) => {
      const at = this.clips ? 4 * i * sums : 0;
      return { buffer: slice.buffer, offset: slice.offset + at, size: slice.size - at };
    });
    this.made = [this.steps, this.now, this.norm, this.scale, this.lossScale, this.found, this.squares];
    const made = (tensor: Tensor): Tensor => {
      this.made.push(keep(tensor));
      return tensor;
    };
    this.foundNonFinite = foundNonFinite ?? made(zeros(gpu, [1], 'found non-finite', 'u32'));
    this.gradients = flat.gradients;
    this.used = flat.used ?? made(tensor(gpu, [size], [1], 'places used', 'u32'));
    const [rate1, rate2] = betas.map((beta) => f32(beta > 0 ? -Math.log(beta) : 100));
    this.words = params(rates.size, rate1, rate2, lossScaling ? INTERVAL : 0, parts, f32(clipNorm ?? 0));
  }

  /** Does anything depend on the gradients as a whole? */
  private get looks(): boolean {
    return this.scales || this.clips;
  }

  /** Works out this step's numbers and goes on, unless foundNonFinite is set or the gradients are not all finite where somebody looks. */
  advance(): void {
    if (this.looks) this.look();
    const { rates, foundNonFinite, squares, steps, now, scale, found, norm } = this;
    rates.gpu.run({
      shader: 'optim/step_counter',
      constants: { WIDTH: this.clips ? 64 : 1 },
      bindings: [rates, foundNonFinite, squares, steps, now, scale, found, norm].map(({ slice }) => slice),
      params: this.words,
      grid: [1],
      cost: { flops: 0, bytes: 44 + squares.bytes },
      label: 'step counter',
    });
  }

  /** For a gradient that is not finite, and for their norm. */
  private look(): void {
    const { gradients, used, scale, found, sums } = this;
    const run = Math.ceil(gradients.size / used.size);
    for (const [i, { piece, vectors, grid, threads }] of this.pieces.entries())
      gradients.gpu.run({
        shader: 'optim/look',
        constants: { NORM: this.clips },
        bindings: [piece.of(gradients), piece.of(used, run), scale.slice, found.slice, sums[i]],
        params: params(vectors, threads, run),
        grid,
        cost: { flops: this.clips ? 3 * piece.size : 0, bytes: 4 * piece.size },
        label: this.clips ? 'gradient norm' : 'overflow',
      });
  }

  /** What a checkpoint has to hold: `clock`, and `loss-scale` where that moves. */
  state(): [string, Tensor][] {
    return [['clock', this.steps], ...(this.scales ? [['loss-scale', this.scale] as [string, Tensor]] : [])];
  }

  /** Frees its memory on the GPU; the rates stay. */
  release(): void {
    for (const tensor of this.made) tensor.release();
  }
}
