// Grids with a side of more workgroups than WebGPU dispatches. Such a launch runs its workgroups in another, flatter grid, and its kernel is compiled with an
// entry that works out which of the wanted grid's workgroups it is: so no op has to know the limit, and none can forget it.
import { KernelError } from '../device/errors.ts';

export type Grid = readonly [x: number, y: number, z: number];

/** What WebGPU dispatches along a side at most, on every device. */
const MOST = 65535;

/** Can it be dispatched as it is? */
export const gridFits = (grid: Grid): boolean => grid.every((n) => n <= MOST);

/** A grid for `groups` workgroups in a row, folded into x and y; kernels compute `group = wid.y * num_workgroups.x + wid.x`. */
export function grid1d(groups: number): [number, number] {
  if (groups <= MOST) return [groups, 1];
  const y = Math.ceil(groups / MOST);
  return [Math.ceil(groups / y), y];
}

/** The builtins that a grid decides, as what an entry of a folded grid computes them from. */
const COMPUTED: Record<string, (size: string) => string> = {
  workgroup_id: () => 'folded_id',
  num_workgroups: () => 'folded_grid',
  global_invocation_id: (size) => `folded_id * vec3u(${size}) + folded_local`,
};

/** The module with an entry that, dispatched as grid1d(x·y·z), does what the module's own does on `grid`. Throws KernelError for an entry that it cannot read. */
export function foldGrid(label: string, code: string, entry: string, [x, y, z]: Grid): string {
  if (x * y * z > MOST ** 2)
    throw new KernelError(
      `kernel ${label}: ${x}×${y}×${z} workgroups are more than the ${MOST ** 2} that a launch takes`,
    );
  const nested = '((?:[^()]|\\([^()]*\\))*)';
  const head = new RegExp(
    `@workgroup_size\\(${nested}\\)([^{};()]*(?:\\([^()]*\\)\\s*)*)fn ${entry}\\(${nested}\\)\\s*\\{`,
  ).exec(code);
  if (!head)
    throw new KernelError(`kernel ${label}: a grid of ${x}×${y}×${z} workgroups needs its entry ${entry} to be plain`);
  const [whole, size, attributes, list] = head;
  const kept: string[] = [];
  const lines: string[] = [];
  for (const [parameter, builtin, name] of list.matchAll(/@builtin\((\w+)\)\s*(\w+)\s*:\s*\w+/g)) {
    const computed = COMPUTED[builtin];
    if (computed) lines.push(`let ${name} = ${computed([...size.split(','), 1, 1].slice(0, 3).join())};`);
    else kept.push(builtin === 'local_invocation_id' ? `@builtin(${builtin}) folded_local: vec3u` : parameter);
    if (builtin === 'local_invocation_id') lines.push(`let ${name} = folded_local;`);
  }
  if (!/local_invocation_id/.test(list)) kept.push('@builtin(local_invocation_id) folded_local: vec3u');
  const start = `@workgroup_size(${size})${attributes}`;
  const opening = [
    `fn ${entry}(@builtin(workgroup_id) folded_at: vec3u, @builtin(num_workgroups) folded_groups: vec3u, ${kept.join(', ')}) {`,
    'let folded = folded_at.y * folded_groups.x + folded_at.x;',
    `let folded_grid = vec3u(${x}, ${y}, ${z});`,
    `if (folded >= ${x * y * z}u) { return; }`,
    `let folded_id = vec3u(folded % ${x}u, folded / ${x}u % ${y}u, folded / ${x * y}u);`,
    ...lines,
  ].join(' ');
  // On as many lines as it had, so that what is said of a line further on is said of the right one.
  const breaks = (text: string): string => text.replace(/[^\n]/g, '');
  return code.replace(whole, () => start + opening + breaks(whole.slice(start.length)));
}
