// Matrix products: the linear layers of ViT-B/16 in all three directions, its attention, a classifier, and on GPUs a large square one.
import type { Precision } from 'astrogpu/nn';
import { count, matmul, noGrad, type Shape } from 'astrogpu/tensor';
import { type Case, random, type SizeLimit, scaled } from './case.ts';

interface MatmulSpec {
  network: string;
  name: string;
  shape: string;
  a: Shape;
  b: Shape;
  options?: NonNullable<Parameters<typeof matmul>[2]>;
  flops: number;
  quick?: boolean;
}

function matmulCase(
  { network, name, shape, a, b, options = {}, flops, quick = false }: MatmulSpec,
  precision: Precision,
): Case {
  const half = precision === 'f16';
  const inner = options.transposeA ? a[a.length - 2] : a[a.length - 1];
  return {
    name: `${name}${half ? ' f16' : ''}`,
    shape,
    network,
    cost: { flops, bytes: (half ? 2 : 4) * (count(a) + count(b) + flops / 2 / inner) },
    quick,
    half,
    prepare(gpu) {
      const left = random(gpu, a, 1, precision);
      const right = random(gpu, b, 2, precision);
      return {
        run: () => noGrad(() => matmul(left, right, options)),
        outputs: () => [],
        release() {
          left.release();
          right.release();
        },
      };
    },
  };
}

/** A layer from `k` to `n` features on `rows` rows: y = x·w, dx = dy·wᵀ, dw = xᵀ·dy. */
function linear(network: string, rows: number, n: number, k: number, of: string, quick = false): MatmulSpec[] {
  const flops = 2 * rows * n * k;
  const shape = `${rows}×${k} by ${k}×${n}${of}`;
  const [x, w, y]: Shape[] = [
    [rows, k],
    [k, n],
    [rows, n],
  ];
  return [
    { network, name: 'matmul forward', shape, a: x, b: w, flops, quick },
    {
      network,
      name: 'matmul data gradient',
      shape,
      a: y,
      b: w,
      options: { transposeB: true },
      flops,
      quick,
    },
    {
      network,
      name: 'matmul weight gradient',
      shape,
      a: x,
      b: y,
      options: { transposeA: true },
      flops,
      quick,
    },
  ];
}

const TOKENS = 197;
const WIDTH = 768;
const HEADS = 12;
const BATCH = 32;

/** Sides of the square product: large enough that nothing but arithmetic counts. Left out where a run would take minutes. */
const SQUARE = 4096;

export function matmulCases(limit: SizeLimit, precision: Precision = 'f32'): Case[] {
  const vit = 'ViT-B/16, 224²';
  // A product of one image is long already on a software adapter: rows are what it has less of there.
  const rows = (n: number, k: number): number =>
    Math.max(64, Math.min(TOKENS * BATCH, Math.floor(limit.flops / (2 * n * k))));
  const layer = (n: number, k: number, quick = false): MatmulSpec[] => {
    const taken = rows(n, k);
    return linear(vit, taken, n, k, taken < TOKENS * BATCH ? ` (rows of ${TOKENS * BATCH})` : '', quick);
  };
  const head = WIDTH / HEADS;
  const each = 2 * TOKENS * TOKENS * head * HEADS;
  const { n: images, text } = scaled(BATCH, each, HEADS * TOKENS * TOKENS, limit);
  const batch = images * HEADS;
  const part: Shape = [batch, TOKENS, head];
  const specs = [
    ...layer(3 * WIDTH, WIDTH),
    ...layer(WIDTH, WIDTH, true),
    ...layer(4 * WIDTH, WIDTH),
    ...layer(WIDTH, 4 * WIDTH),
    {
      ...{
        network: vit,
        name: 'matmul attention scores',
        shape: `${TOKENS}×${head} by ${head}×${TOKENS}, ${HEADS} heads, ${text}`,
      },
      ...{ a: part, b: part, options: { transposeB: true }, flops: each * images },
    },
    {
      ...{
        network: vit,
        name: 'matmul attention values',
        shape: `${TOKENS}×${TOKENS} by ${TOKENS}×${head}, ${HEADS} heads, ${text}`,
      },
      ...{ a: [batch, TOKENS, TOKENS], b: part, flops: each * images },
    },
    ...linear('ResNet18/34, CIFAR', 128, 10, 512, ''),
    ...(limit.flops >= 2 * SQUARE ** 3 ? linear('square', SQUARE, SQUARE, SQUARE, '') : []),
  ];
  return specs.map((spec) => matmulCase(spec, precision));
}
