// Which layers have no gates: what was named, and under `inner` the outer layers of the network as well.
import { ConfigError } from '../gpu/index.ts';
import { type Gateable, outerLayers } from '../models/index.ts';

/** Layers that have gates: all, or all but the stem, 1×1 shortcuts and the classifier. */
export type Gated = 'all' | 'inner';

/**
 * Names of the layers without gates, for GateLayout: those of `except`, and under `inner` the outer ones of the network's graph (outerLayers). Throws ConfigError where
 * there is no graph to find them by, and where they are all that there is.
 *
 * @example
 * new GateLayout(network, 'connection', leftUngated(network, 'inner'));
 */
export function leftUngated(network: Gateable, gated: Gated, except: readonly string[] = []): string[] {
  if (gated === 'all') return [...except];
  if (!network.graph)
    throw new ConfigError(
      'gated',
      (name) =>
        `${name('gated', gated)}: which layers are inner ones only the module's graph says: give it (graphOf makes one of a sample run), or leave layers out by name`,
    );
  const layers = network.gatedLayers().map(({ name }) => name);
  const outer = outerLayers(network.graph).filter((name) => layers.includes(name));
  if (outer.length === layers.length)
    throw new ConfigError(
      'gated',
      (name) =>
        `${name('gated', gated)}: ${network.graph?.model} has no inner layers, only ${outer.join(', ')}; take ${name('gated', 'all')}`,
    );
  return [...new Set([...outer, ...except])];
}
