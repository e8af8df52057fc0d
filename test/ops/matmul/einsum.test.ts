// einsum against sums over every index in float64: products, batches, permutations, outer products, sums of one operand, several operands, broadcasting, implicit results; then
// what it copies, and what it refuses.
import { describe, expect, it } from 'vitest';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { einsum } from '../../../src/ops/matmul/einsum.ts';
import { backward, noGrad } from '../../../src/tensor/autograd.ts';
import { TensorError } from '../../../src/tensor/tensor.ts';
import { everyIndex, place } from '../../support/arrays.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';

/** Of the equation with a letter for every side, and the result's shape; letters of an operand whose side is 1 repeat. */
function reference(equation: string, shapes: number[][]) {
  const [left, output] = equation.split('->');
  const terms = left.split(',');
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => {
    for (const [at, name] of [...term].entries()) sizes.set(name, Math.max(sizes.get(name) ?? 1, shapes[i][at]));
  });
  const names = [...sizes.keys()];
  const shape = [...output].map((name) => sizes.get(name)!);
  return (inputs: Float64Array[]): Float64Array => {
    const y = new Float64Array(shape.reduce((all, n) => all * n, 1));
    everyIndex(
      names.map((name) => sizes.get(name)!),
      (at) => {
        const of = (term: string): number[] => [...term].map((name) => at[names.indexOf(name)]);
        const product = inputs.reduce((all, x, i) => all * x[place(shapes[i], of(terms[i]))], 1);
        y[place(shape, of(output))] += product;
      },
    );
    return y;
  };
}

const cases: { equation: string; shapes: number[][] /** With a letter for every side. */; full?: string }[] = [
  {
    equation: 'ij,jk->ik',
    shapes: [
      [3, 4],
      [4, 5],
    ],
  },
  {
    equation: 'ij,jk',
    shapes: [
      [3, 4],
      [4, 5],
    ],
    full: 'ij,jk->ik',
  },
  {
    equation: 'ji, kj',
    shapes: [
      [3, 4],
      [5, 3],
    ],
    full: 'ji,kj->ik',
  },
  {
    equation: 'ij,jk->ki',
    shapes: [
      [3, 4],
      [4, 5],
    ],
  },
  {
    equation: 'bqhd,bkhd->bhqk',
    shapes: [
      [2, 3, 2, 5],
      [2, 4, 2, 5],
    ],
  },
  {
    equation: 'bhqk,bkhd->bqhd',
    shapes: [
      [2, 2, 3, 4],
      [2, 4, 2, 5],
    ],
  },
  { equation: 'i,i->', shapes: [[7], [7]] },
  { equation: 'i,j->ij', shapes: [[3], [4]] },
  { equation: 'i,j->ji', shapes: [[3], [4]] },
  {
    equation: 'ij,ij->ij',
    shapes: [
      [3, 4],
      [3, 4],
    ],
  },
  {
    equation: 'ij,ij->ji',
    shapes: [
      [3, 4],
      [3, 4],
    ],
  },
  {
    equation: 'ij,ij->',
    shapes: [
      [3, 4],
      [3, 4],
    ],
  },
  { equation: 'ij->', shapes: [[3, 4]] },
  { equation: 'ijk->ki', shapes: [[3, 4, 2]] },
  { equation: 'ba', shapes: [[3, 4]], full: 'ba->ab' },
  { equation: 'ij->ij', shapes: [[3, 4]] },
  {
    equation: 'ij,kl->jk',
    shapes: [
      [3, 4],
      [2, 5],
    ],
  },
  {
    equation: 'ij,jk,kl->il',
    shapes: [
      [2, 3],
      [3, 4],
      [4, 2],
    ],
  },
  { equation: 'i,ij,j->', shapes: [[3], [3, 4], [4]] },
  {
    equation: 'bi,bj,bk->bijk',
    shapes: [
      [2, 3],
      [2, 2],
      [2, 4],
    ],
  },
  {
    equation: 'abc,cbd->da',
    shapes: [
      [2, 3, 4],
      [4, 3, 5],
    ],
  },
  {
    equation: 'acb,dbc->da',
    shapes: [
      [2, 3, 4],
      [5, 4, 3],
    ],
  },
  {
    equation: '...ij,...jk->...ik',
    shapes: [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    full: 'abij,bjk->abik',
  },
  {
    equation: '...ij,jk',
    shapes: [
      [2, 3, 4],
      [4, 2],
    ],
    full: 'aij,jk->aik',
  },
  { equation: 'i...->...', shapes: [[2, 3, 4]], full: 'iab->ab' },
  {
    equation: 'ij,jk->ik',
    shapes: [
      [3, 1],
      [4, 5],
    ],
  },
  {
    equation: 'ij,ij->i',
    shapes: [
      [3, 4],
      [1, 4],
    ],
  },
  {
    equation: 'Ab,bA->Ab',
    shapes: [
      [1, 3],
      [3, 1],
    ],
  },
];

describe('values and gradients', () => {
  it.each(cases)('$equation of $shapes', ({ equation, shapes, full = equation }) => {
    const f = reference(full, shapes);
    return checkOp({
      inputs: shapes.map((shape) => ({ shape })),
      op: (inputs) => einsum(equation, ...inputs),
      reference: f,
      samples: 6,
    });
  });

  it('has the shape that was asked for, sides of 1, too', () => {
    const [x, y] = [on([1, 2, 3], [1, 3]), on([1, 2, 3], [3, 1])];
    expect(einsum('ab,bc', x, y).shape).toEqual([1, 1]);
    expect(einsum('ab,bc->', x, y).shape).toEqual([1]);
    expect(einsum('ab->ba', x).shape).toEqual([3, 1]);
  });

  it.skipIf(!gpu.capabilities.f16)('f16, as soon as one operand is', () => {
    const [first, second] = [
      [3, 4],
      [4, 5],
    ];
    return checkOp({
      inputs: [{ shape: first }, { shape: second }],
      half: true,
      op: ([x, y]) => cast(einsum('ij,jk->ki', cast(x, 'f16'), y), 'f32'),
      reference: reference('ij,jk->ki', [first, second]),
      tolerance: 2 ** -11 + 2e-6,
      gradientTolerance: 2 ** -11 + 2e-6,
    });
  });
});

describe('memory', () => {
  const launches = (fn: () => void): string[] => {
    const program = gpu.capture('einsum', fn);
    const labels = program.dispatches.map(({ label }) => label);
    program.dispose();
    return labels.filter((label) => label !== 'gpu/fill'); // which poisons what is handed out
  };

  it('nothing is copied that lies as a product takes it', () => {
    const [q, k] = [on(new Array(48).fill(1), [2, 2, 3, 4]), on(new Array(64).fill(1), [2, 2, 4, 4])];
    const [w, v] = [on(new Array(20).fill(1), [4, 5]), on(new Array(20).fill(1), [5, 4])];
    const alone = (equation: string, ...operands: (typeof q)[]) =>
      expect(
        launches(() => noGrad(() => einsum(equation, ...operands))),
        equation,
      ).toHaveLength(1);
    alone('bhqd,bhkd->bhqk', q, k);
    alone('bhqd,dm->bhqm', q, w);
    alone('bhqd,md->bhqm', q, v);
    alone('dm,dm->', w, w);
    alone('dm,bhqd->bhqm', w, q);
  });

  it('what was made on the way goes, with the gradients and without', () => {
    const held = (): number => gpu.memory.stats().current;
    const [x, y] = [on(new Array(24).fill(1), [2, 3, 4]), on(new Array(40).fill(1), [5, 4, 2])];
    for (const asked of [false, true]) {
      x.requiresGrad = asked;
      const run = (): void => {
        const z = einsum('abc,dca->bd', x, y);
        if (asked) backward(z, { gradient: on(new Array(15).fill(1), [3, 5]) });
        z.release();
      };
      run();
      const before = held();
      run();
      expect(held() - before).toBeLessThanOrEqual(asked ? 256 : 0); // the gradient that was given
    }
  });
});

it('names what does not fit', () => {
  const [x, y] = [on([1, 2, 3, 4, 5, 6], [2, 3]), on([1, 2, 3, 4], [2, 2])];
  const refusal = (equation: string, ...operands: (typeof x)[]): string => {
    try {
      einsum(equation, ...operands);
    } catch (error) {
      expect(error).toBeInstanceOf(TensorError);
      return (error as Error).message;
    }
    return 'none';
  };
  expect(refusal('ij,jk->ik', x, y)).toBe("einsum 'ij,jk->ik': j is 3 in input [2×3] and 2 in input [2×2]");
  expect(refusal('ii->i', y)).toContain("i stands twice in 'ii': diagonals are not taken");
  expect(refusal('ij,jk->ik', x)).toContain('it names 2 operands, 1 were given');
  expect(refusal('ijk->i', x)).toContain("'ijk' does not fit input [2×3], which has 2 sides");
  expect(refusal('ij->ik', x)).toContain('k of the result must stand once, and in an operand');
  expect(refusal('ij->ii', x)).toContain('i of the result must stand once');
  expect(refusal('i1->i', x)).toContain("'i1' must be letters");
  expect(refusal('i->j->k', x)).toContain('more than one arrow');
  expect(refusal('...j->j', x)).toContain('the result needs an ellipsis, too');
  expect(refusal('ij')).toContain("takes an equation such as 'ij,jk->ik'");
});
