// The functions that expressions may call, shaders/elementwise/math.wgsl: of its declarations, a kernel gets those that its expressions name and what these need. All of
// them in every kernel would cost more to compile than most kernels themselves.
import { assemble } from '../kernel/shaders.ts';

const FILE = 'elementwise/math';
/** A declaration begins a line; comments stand before it. */
const DECLARATION = /^(?:fn|struct|const) (\w+)/;

let library: Map<string, { text: string; names: readonly string[] }> | undefined;

const namesIn = (text: string): string[] => text.match(/[A-Za-z_]\w*/g) ?? [];

function readLibrary(): NonNullable<typeof library> {
  const found: NonNullable<typeof library> = new Map();
  const texts = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of assemble(FILE, {})
    .replace(/\/\/.*$/gm, '')
    .split('\n')) {
    const [, name] = DECLARATION.exec(line) ?? [];
    if (name) {
      current = [];
      texts.set(name, current);
    }
    if (line.trim()) current.push(line);
  }
  for (const [name, lines] of texts) {
    const text = lines.join('\n');
    found.set(name, { text, names: [...new Set(namesIn(text))].filter((other) => other !== name && texts.has(other)) });
  }
  return found;
}

/** The declarations that expressions need, in the order of the files. */
export function declarationsFor(codes: readonly string[]): string {
  library ??= readLibrary();
  const needed = new Set<string>();
  const waiting = codes.flatMap(namesIn);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const declaration = library.get(name);
    if (!declaration || needed.has(name)) continue;
    needed.add(name);
    waiting.push(...declaration.names);
  }
  return [...library].flatMap(([name, { text }]) => (needed.has(name) ? [text] : [])).join('\n');
}
