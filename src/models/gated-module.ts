// A module of one's own as something that gates can be put on: its layers are found by name. What only a run shows (the normalization behind a layer) is looked at in
// a sample run, or is read from a graph where there is one.
import { AstroError } from '../gpu/index.ts';
import {
  type Arena,
  BatchNorm2d,
  Conv2d,
  Linear,
  type MaskableWeight,
  type Module,
  type Parameter,
} from '../nn/index.ts';
import type { Gateable, GatedLayer } from './gated-layers.ts';
import type { Graph } from './graph/graph.ts';
import { layersOf } from './graph/layers.ts';
import { layerNorms } from './trace/layer-norms.ts';
import { layerOf } from './trace/observe.ts';

/** Names of layers: whole names, in which * stands for any part, or expressions. */
export type NamePattern = string | RegExp;

/** Which layers have gates, and what is known of the module beside its layers. */
export interface GatedModuleOptions {
  /** Only layers of these names. Default all that can have gates, as Conv2d, Linear and the projections of MultiHeadAttention: see Module.maskable. */
  include?: readonly NamePattern[];
  /** Of these not the ones of these names. */
  exclude?: readonly NamePattern[];
  /** The module's graph (graphOf), where it has one: what silences dead channels, counts what can be taken out, and is compacted. */
  graph?: Graph;
  /** Runs the module once on some sample. Needed, where there is no graph, for what stands behind layers: `channel` gates, and an astrocyte that sees the scale. */
  sample?: () => unknown;
}

/**
 * The layers of a module that gates can be put on, by name. The module keeps its parameters and its forward pass; it must have memory before gates are used.
 *
 * @example
 * const gated = new GatedModule(model, { exclude: ['head', 'embed.*'] });
 * const layout = new GateLayout(gated, 'filter');
 */
export class GatedModule implements Gateable {
  /** The module as it was given. */
  readonly module: Module;
  readonly graph?: Graph;
  readonly knowsNorms: boolean;
  private readonly layers: GatedLayer[];
  private readonly norms: ReadonlyMap<string, BatchNorm2d>;
  private readonly offsets: ReadonlyMap<string, Parameter>;

  /** Throws AstroError that lists the layers where a pattern fits none, where none is left, and for a graph of another module. */
  constructor(module: Module, { include, exclude = [], graph, sample }: GatedModuleOptions = {}) {
    const modules = module.namedModules();
    this.module = module;
    this.graph = graph;
    this.knowsNorms = graph !== undefined || sample !== undefined;
    this.norms = new Map(modules.filter((entry): entry is [string, BatchNorm2d] => entry[1] instanceof BatchNorm2d));
    this.offsets = new Map(modules.flatMap(offsetsOf));
    const all = modules.flatMap(([name, layer]) => layer.maskable().map((place) => maskableLayer(name, ...place)));
    const chosen = choose(
      module,
      all.map(({ name }) => name),
      include,
      exclude,
    );
    const behind = graph
      ? normsIn(graph, new Set([...modules.map(([name]) => name), ...all.map(({ name }) => name)]))
      : sample
        ? layerNorms(module, sample)
        : new Map<string, string>();
    this.layers = all
      .filter(({ name }) => chosen.has(name))
      .map((layer) => {
        const norm = behind.get(layer.name);
        return norm === undefined ? layer : { ...layer, norm: { name: norm, layer: this.norm(norm) } };
      });
  }

  get arena(): Arena {
    return this.module.arena;
  }

  gatedLayers(): GatedLayer[] {
    return this.layers;
  }

  offset(name: string): Parameter | undefined {
    return this.offsets.get(name);
  }

  private norm(name: string): BatchNorm2d {
    return this.norms.get(name)!;
  }

  parameterCount(): number {
    return this.module.parameterCount();
  }
}

/** What layers of this package take as their mask leaves it. One's own may not mind it. */
function offsetsOf([name, layer]: [string, Module]): [string, Parameter][] {
  const named = (part: string, parameter?: Parameter): [string, Parameter][] =>
    parameter ? [[`${name}.${part}`, parameter]] : [];
  if (layer instanceof BatchNorm2d) return [...named('weight', layer.weight), ...named('bias', layer.bias)];
  return layer instanceof Linear || layer instanceof Conv2d ? named('bias', layer.bias) : [];
}

/** A layer by the name of its module and of its weight there. */
function maskableLayer(module: string, own: string, layer: MaskableWeight): GatedLayer {
  const { shape } = layer.weight;
  const [inputs, outputs] = shape.slice(-2);
  const weightName = module ? `${module}.${own}` : own;
  const filter = shape.length === 4 ? 'output' : 'input';
  return { name: layerOf(weightName), weightName, layer, inputs, outputs, filter };
}

function choose(
  module: Module,
  names: readonly string[],
  include: readonly NamePattern[] | undefined,
  exclude: readonly NamePattern[],
): ReadonlySet<string> {
  const known = names.length > 0 ? `there are ${names.join(', ')}` : 'it has none (Conv2d and Linear are such layers)';
  const matching = (pattern: NamePattern): string[] => {
    const found = names.filter((name) => fits(pattern, name));
    if (found.length === 0)
      throw new AstroError(`${module.constructor.name}: no layer that can have gates is called ${pattern}; ${known}`);
    return found;
  };
  const chosen = new Set(include ? include.flatMap(matching) : names);
  for (const name of exclude.flatMap(matching)) chosen.delete(name);
  if (chosen.size === 0) throw new AstroError(`${module.constructor.name}: no layer is left to have gates; ${known}`);
  return chosen;
}

function fits(pattern: NamePattern, name: string): boolean {
  if (typeof pattern !== 'string') return name.search(pattern) >= 0;
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

/** The normalization behind each layer of a graph. Throws AstroError for one whose layers and normalizations are not all `known`. */
function normsIn(graph: Graph, known: ReadonlySet<string>): Map<string, string> {
  const norms = new Map<string, string>();
  for (const { layer, norm } of layersOf(graph)) {
    for (const name of norm === undefined ? [layer] : [layer, norm])
      if (!known.has(name))
        throw new AstroError(
          `${graph.model}: the graph has a layer ${name} and the module has none: it is of another module`,
        );
    if (norm !== undefined) norms.set(layer, norm);
  }
  return norms;
}
