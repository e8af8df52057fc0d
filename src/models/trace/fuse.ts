// Nodes as a run shows them, one an op, put together as kinds have them: a convolution takes over the normalization behind it, the sum and the ReLU.
import { kindOf } from '../kinds/index.ts';
import type { NodeBase } from '../node/kind.ts';

/** The nodes with each that a node before it takes over gone. Outputs stay nodes of their own, under the names that `named` has for them then. */
export function fused(
  nodes: readonly NodeBase[],
  outputs: readonly string[],
): { nodes: NodeBase[]; named: ReadonlyMap<string, string> } {
  const readers = new Map<string, number>(outputs.map((name) => [name, 1]));
  for (const node of nodes)
    for (const name of kindOf(node).reads(node)) readers.set(name, (readers.get(name) ?? 0) + 1);
  const kept: NodeBase[] = [];
  const named = new Map<string, string>();
  for (const seen of nodes) {
    const node = renamed(seen, named);
    const at = kept.findIndex(
      (before) =>
        kindOf(node).reads(node).includes(before.name) &&
        readers.get(before.name) === 1 &&
        kindOf(before).takeOver?.(before, node) !== undefined,
    );
    if (at < 0) {
      kept.push(node);
      continue;
    }
    const [before] = kept.splice(at, 1);
    // Later, where all that it reads now is known; under its own name.
    kept.push(kindOf(before).takeOver!(before, node)!);
    named.set(node.name, before.name);
    readers.set(before.name, readers.get(node.name) ?? 0);
  }
  return { nodes: kept, named };
}

/** A node that reads others by their new names. */
export function renamed(node: NodeBase, named: ReadonlyMap<string, string>): NodeBase {
  const kind = kindOf(node);
  const reads = kind.reads(node);
  if (!reads.some((name) => named.has(name))) return node;
  const fields = Object.entries(node).map(([key, value]): [string, unknown] => {
    if (key === 'name' || key === 'op') return [key, value];
    const to = (name: unknown): unknown =>
      reads.includes(name as string) ? (named.get(name as string) ?? name) : name;
    return [key, Array.isArray(value) ? value.map(to) : to(value)];
  });
  return Object.fromEntries(fields) as unknown as NodeBase;
}
