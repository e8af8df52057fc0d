// Attention with several heads between two linear layers, as torch's nn.MultiheadAttention with batch_first: parameters have its names, so state dicts fit.
import {
  type AttentionOptions,
  cast,
  matmul,
  reshape,
  scaledDotProductAttention,
  selfAttention,
  slice,
} from '../../ops/index.ts';
import { shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { constant, uniformFan } from '../init.ts';
import { type MaskableWeight, Module, Parameter } from '../module.ts';
import { Linear } from './linear.ts';

/** What a query may see, as of scaledDotProductAttention; masks and biases broadcast to [B, heads, N, M]: one of padding is [B, 1, 1, M]. */
export type MultiHeadAttentionOptions = Pick<AttentionOptions, 'mask' | 'bias' | 'causal'>;

/** A linear layer whose bias starts from 0, as torch's does here. */
class Output extends Linear {
  override readonly bias: Parameter;

  constructor(width: number) {
    super(width, width);
    this.bias = new Parameter([width], constant(0));
  }
}

/**
 * Queries [B, N, E] attend to M tokens [B, M, E], their own by default: [B, N, E]. The heads share E among them.
 *
 * @example
 * const attention = new MultiHeadAttention(64, 8);
 * attention.forward(x, { causal: true }); // self-attention
 * attention.forward(x, { mask: padding }, memory); // cross-attention
 */
export class MultiHeadAttention extends Module {
  /** Heads, each of E / heads values. */
  readonly heads: number;
  /** Stored E × 3E: the columns of queries, keys and values. In state dicts `in_proj_weight` and `in_proj_bias`. */
  readonly inWeight: Parameter;
  /** f32 [3E], of queries, keys and values. */
  readonly inBias: Parameter;
  private readonly inProjection: MaskableWeight;
  /** In state dicts `out_proj`. */
  readonly out: Linear;

  /** E is `width`. Starts as torch's does: in_proj_weight by Glorot's uniform rule, biases 0. Throws TensorError unless `heads` divides it. */
  constructor(width: number, heads: number) {
    super();
    if (!(Number.isInteger(width / heads) && heads >= 1))
      throw new TensorError(`MultiHeadAttention: a width of ${width} cannot be shared among ${heads} heads`);
    this.heads = heads;
    // Glorot and Bengio 2010: ±√(6 / (width + 3·width)).
    this.inWeight = new Parameter([width, 3 * width], uniformFan((4 * width) / 6));
    this.inBias = new Parameter([3 * width], constant(0));
    this.inProjection = { weight: this.inWeight };
    this.out = new Output(width);
  }

  protected override *members(): Iterable<[string, Parameter | Module]> {
    yield ['in_proj_weight', this.inWeight];
    yield ['in_proj_bias', this.inBias];
    yield ['out_proj', this.out];
  }

  override maskable(): [string, MaskableWeight][] {
    return [['in_proj_weight', this.inProjection]];
  }

  /** `key` and `value`, [B, M, E], default to the query and to `key`. f32 or f16. Throws TensorError. */
  forward(query: Tensor, options: MultiHeadAttentionOptions = {}, key: Tensor = query, value: Tensor = key): Tensor {
    const own = key === query && value === query;
    return this.out.forward(own ? this.toItself(query, options) : this.toOthers([query, key, value], options));
  }

  /** One product for all three, which attention reads where they lie. */
  private toItself(x: Tensor, options: MultiHeadAttentionOptions): Tensor {
    const { heads, inBias, inProjection } = this;
    this.needTokens(x);
    const joined = matmul(x, inProjection.masked ?? this.inWeight.tensor, { bias: inBias.tensor });
    return selfAttention(joined, { ...options, heads });
  }

  private toOthers(inputs: readonly Tensor[], options: MultiHeadAttentionOptions): Tensor {
    const [q, k, v] = inputs.map((x, i) => this.project(x, i));
    const y = scaledDotProductAttention(q, k, v, { ...options, headsLast: true });
    return reshape(y, inputs[0].shape);
  }

  private get width(): number {
    return this.inWeight.shape[0];
  }

  /** Queries (0), keys (1) or values (2) of x: [B, tokens, heads, E / heads]. */
  private project(x: Tensor, which: number): Tensor {
    const { width, heads } = this;
    this.needTokens(x);
    const weight = slice(this.inProjection.masked ?? this.inWeight.tensor, [0, which * width], [width, width]);
    const bias = slice(this.inBias.tensor, [which * width], [width]);
    const made = matmul(reshape(x, [-1, width]), x.dtype === 'f16' ? cast(weight, 'f16') : weight, { bias });
    return reshape(made, [x.shape[0], x.shape[1], heads, width / heads]);
  }

  private needTokens({ shape, label }: Tensor): void {
    const { width } = this;
    if (shape.length !== 3 || shape[2] !== width)
      throw new TensorError(`MultiHeadAttention: ${label} ${shapeText(shape)} must be [batch, tokens, ${width}]`);
  }
}
