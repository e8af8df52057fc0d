// The spaces of a graph's channels: those that the values of the same nodes have, so that one of them can stand for another, unless their kind sets them apart.
import type { ChannelClasses } from '../models/index.ts';

/** Classes of channels, a list for each space. */
export function spacesOf({ of, count, groups }: ChannelClasses): number[][] {
  const homes = Array.from({ length: count }, (): string[] => []);
  for (const [name, list] of of) for (const own of new Set(list)) homes[own].push(name);
  const spaces = new Map<string, number[]>();
  for (const [own, names] of homes.entries()) {
    const key = [groups.get(own) ?? '', ...names].join('\n');
    const space = spaces.get(key);
    if (space) space.push(own);
    else spaces.set(key, [own]);
  }
  return [...spaces.values()];
}
