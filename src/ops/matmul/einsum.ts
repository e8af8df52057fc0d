// Sums of products by an equation, reduced to sums, permutations and one matrix product for each pair of operands; its gradients are those of these.
import { needFloats, type Tensor } from '../../tensor/index.ts';
import { mul } from '../arithmetic/binary.ts';
import { sum } from '../reduce/sum.ts';
import { permute } from '../shape/permute.ts';
import { reshape } from '../shape/reshape.ts';
import { type Names, readEquation } from './einsum-equation.ts';
import { type Layout, planOf } from './einsum-plan.ts';
import { matmul } from './matmul.ts';
import { Temporaries } from './temporaries.ts';

/** A tensor whose sides have names; those of 1 are left out. */
interface Named {
  tensor: Tensor;
  names: Names;
}

/**
 * The sum of products that an equation names, as numpy.einsum: letters name sides of the operands, f32 or f16; what stands behind the arrow is kept, in that order, and
 * all else summed. Without an arrow the letters that stand once are kept, in the alphabet's order. An ellipsis stands for sides without names, which broadcast; sides of 1
 * repeat; [1] where nothing is kept. Operands are contracted from left to right, each by one matmul (or mul, where nothing is summed), and copied only where their sides
 * do not lie as that takes them. A letter twice in one operand, a diagonal, is refused. Throws TensorError that names what does not fit.
 *
 * @example
 * const scores = einsum('bqhd,bkhd->bhqk', q, k);
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  for (const operand of operands) needFloats('einsum', operand);
  const { operands: terms, output, sizes } = readEquation(equation, operands);
  const steps = new Steps();
  const named = operands.map((tensor, i) => {
    const sides = tensor.shape.map((n, at) => ({ n, name: terms[i][at] })).filter(({ n }) => n !== 1);
    const shape = sides.map(({ n }) => n);
    return { tensor: steps.shaped(tensor, shape), names: sides.map(({ name }) => name) };
  });
  const wanted = output.filter((name) => sizes.get(name) !== 1);
  let result: Named = named[0];
  for (let i = 1; i < named.length; i++) {
    const later = new Set([...wanted, ...named.slice(i + 1).flatMap(({ names }) => names)]);
    result = steps.contracted(result, named[i], later, i === named.length - 1 ? wanted : undefined);
  }
  const last = steps.ordered(steps.summed(result, new Set(wanted)), wanted);
  const shape = output.length > 0 ? output.map((name) => sizes.get(name)!) : [1];
  const y = steps.shaped(last, shape);
  return operands.includes(y) ? reshape(y, shape) : y;
}

/** What the way to a result is made of. */
class Steps {
  private readonly temporaries = new Temporaries();

  /** Of these sides, [1] for none. */
  shaped(tensor: Tensor, sides: readonly number[]): Tensor {
    const shape = sides.length > 0 ? sides : [1];
    if (shape.length === tensor.shape.length && shape.every((n, i) => n === tensor.shape[i])) return tensor;
    return this.temporaries.from([tensor], reshape(tensor, shape));
  }

  /** Without the sides that nobody asks for later. */
  summed({ tensor, names }: Named, later: ReadonlySet<string>): Named {
    const axes = names.flatMap((name, i) => (later.has(name) ? [] : [i]));
    if (axes.length === 0) return { tensor, names };
    const total = this.temporaries.from([tensor], sum(tensor, axes));
    return { tensor: total, names: names.filter((name) => later.has(name)) };
  }

  ordered({ tensor, names }: Named, wanted: Names): Tensor {
    if (wanted.every((name, i) => name === names[i])) return tensor;
    const order = wanted.map((name) => names.indexOf(name));
    return this.temporaries.from([tensor], permute(tensor, order));
  }

  /** The product of two, summed over what both have and nobody asks for later; `wanted` is the order of the result's names, where that is known. */
  contracted(a: Named, b: Named, later: ReadonlySet<string>, wanted: Names | undefined): Named {
    const left = this.summed(a, new Set([...later, ...b.names]));
    const right = this.summed(b, new Set([...later, ...a.names]));
    const sizes = new Map(
      [left, right].flatMap(({ tensor, names }) => names.map((name, i) => [name, tensor.shape[i]])),
    );
    const plan = planOf(left.names, right.names, sizes, later, wanted);
    const sidesOf = (names: Names): number[] => names.map((name) => sizes.get(name)!);
    const sizeOf = (names: Names): number => sidesOf(names).reduce((all, n) => all * n, 1);
    const [first, second] = plan.swapped ? [right, left] : [left, right];
    const { batch, rows, columns } = plan;
    const names = [...batch, ...rows, ...columns];
    if (plan.sum.length === 0) {
      const across = [...sidesOf([...batch, ...rows]), ...columns.map(() => 1)];
      const down = [...sidesOf(batch), ...rows.map(() => 1), ...sidesOf(columns)];
      const factors = [
        this.shaped(this.ordered(first, [...batch, ...rows]), across),
        this.shaped(this.ordered(second, [...batch, ...columns]), down),
      ];
      const product = this.temporaries.from(factors, mul(factors[0], factors[1]));
      return { tensor: this.shaped(product, sidesOf(names)), names };
    }
    const matrix = (operand: Named, { sides: [lines, within] }: Layout): Tensor =>
      this.shaped(this.ordered(operand, [...batch, ...lines, ...within]), [
        ...sidesOf(batch),
        sizeOf(lines),
        sizeOf(within),
      ]);
    const factors = [matrix(first, plan.left), matrix(second, plan.right)];
    const transposes = { transposeA: plan.left.transposed, transposeB: plan.right.transposed };
    const product = this.temporaries.from(factors, matmul(factors[0], factors[1], transposes));
    return { tensor: this.shaped(product, sidesOf(names)), names };
  }
}
