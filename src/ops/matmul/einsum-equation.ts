// Equations of einsum, read into what each operand's sides are called. NumPy's notation: letters, an arrow, an ellipsis for sides without names.
import { type Shape, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';

/** Names of sides: a letter each, or a number for one that an ellipsis stands for. */
export type Names = readonly string[];

/** What an equation says of operands of given shapes. */
export interface Equation {
  operands: Names[];
  output: Names;
  /** Of each name, 1 only where it is 1 in all operands. */
  sizes: ReadonlyMap<string, number>;
}

const TERM = /^([a-zA-Z]*)(\.\.\.)?([a-zA-Z]*)$/;

/** Reads an equation for these operands. Throws TensorError that says what in it is wrong. */
export function readEquation(text: string, operands: readonly Tensor[]): Equation {
  const refuse = (why: string): never => {
    throw new TensorError(`einsum '${text}': ${why}`);
  };
  if (typeof text !== 'string' || operands.length === 0)
    throw new TensorError("einsum: takes an equation such as 'ij,jk->ik', then its operands");
  const [left, right, ...more] = text.replaceAll(' ', '').split('->');
  if (more.length > 0) refuse('it has more than one arrow');
  const terms = left.split(',');
  if (terms.length !== operands.length) refuse(`it names ${terms.length} operands, ${operands.length} were given`);
  const parts = [...terms, ...(right === undefined ? [] : [right])].map((term) => {
    const [, before, dots, after] = TERM.exec(term) ?? refuse(`'${term}' must be letters, with an ellipsis at most`);
    return { before, dots: dots !== undefined, after };
  });
  const unnamed = terms.map((term, i) => {
    const { before, dots, after } = parts[i];
    const rest = operands[i].shape.length - before.length - after.length;
    if (dots ? rest < 0 : rest !== 0)
      refuse(
        `'${term}' does not fit ${operands[i].label} ${shapeText(operands[i].shape)}, which has ${operands[i].shape.length} sides`,
      );
    return rest;
  });
  const most = Math.max(...unnamed);
  const ellipsis = (n: number): string[] => Array.from({ length: n }, (_, i) => `${most - n + i}`);
  const names = terms.map((_, i) => [...parts[i].before, ...ellipsis(unnamed[i]), ...parts[i].after]);
  for (const [i, list] of names.entries()) {
    const twice = list.find((name, at) => list.indexOf(name) !== at);
    if (twice) refuse(`${twice} stands twice in '${terms[i]}': diagonals are not taken; mask and sum instead`);
  }
  const all = names.flat();
  const given = parts.at(-1)!;
  const output =
    right === undefined
      ? [
          ...ellipsis(most),
          ...[...new Set(all)].filter((name) => name > '9' && all.indexOf(name) === all.lastIndexOf(name)).sort(),
        ]
      : [...given.before, ...ellipsis(given.dots ? most : 0), ...given.after];
  const odd = output.find((name, at) => !all.includes(name) || output.indexOf(name) !== at);
  if (odd) refuse(`${odd} of the result must stand once, and in an operand`);
  if (right !== undefined && !given.dots && most > 0)
    refuse('the result needs an ellipsis, too, for the sides without names');
  return { operands: names, output, sizes: sizesOf(names, operands, refuse) };
}

function sizesOf(names: Names[], operands: readonly Tensor[], refuse: (why: string) => never): Map<string, number> {
  const sizes = new Map<string, number>();
  const first = new Map<string, Tensor>();
  const text = ({ label, shape }: { label: string; shape: Shape }): string => `${label} ${shapeText(shape)}`;
  for (const [i, list] of names.entries())
    for (const [at, name] of list.entries()) {
      const n = operands[i].shape[at];
      const known = sizes.get(name) ?? 1;
      if (n !== 1 && known !== 1 && n !== known)
        refuse(`${name} is ${known} in ${text(first.get(name)!)} and ${n} in ${text(operands[i])}`);
      if (sizes.has(name) && n === 1) continue;
      sizes.set(name, n);
      first.set(name, operands[i]);
    }
  return sizes;
}
