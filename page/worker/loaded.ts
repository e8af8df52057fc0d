// A network from a file, to be looked at beside those that are trained.
import { DeviceData, type ImageSet } from 'astrogpu/data';
import { AstroError, type Gpu } from 'astrogpu/gpu';
import { channelsOf, classesOf, classifierOf, type Network, networkParameters, sourcesOf } from 'astrogpu/models';
import { Evaluator, folded, loadNetwork, type NetworkFile, unpackNetwork } from 'astrogpu/train';
import type { LoadedNetwork } from '../protocol.ts';
import { EVALUATION_BATCH } from './arm.ts';

/** A network that was loaded. On a GPU as soon as somebody looks at it. */
export class Loaded {
  readonly name: string;
  readonly file: NetworkFile;
  private network?: Network;

  private constructor(name: string, file: NetworkFile) {
    this.name = name;
    this.file = file;
  }

  /** Throws AstroError for what is no network that tells classes apart. */
  static async read(name: string, bytes: ArrayBuffer): Promise<Loaded> {
    const file = folded(await unpackNetwork(name, new Uint8Array(bytes)));
    const { graph, classes } = file;
    if (!classifierOf(graph)) throw new AstroError(`${name}: ${graph.model} tells no classes apart`);
    if (classes.length !== classesOf(graph))
      throw new AstroError(`${name}: it names ${classes.length} classes and has ${classesOf(graph)} logits`);
    return new Loaded(name, file);
  }

  summary(): LoadedNetwork {
    const { graph, classes } = this.file;
    return { model: graph.model, classes: [...classes], parameters: networkParameters(graph) };
  }

  /** Why it cannot be shown these images, in a line; none where it can. */
  reasonAgainst({ classes, height, channels }: ImageSet): string | undefined {
    const { graph, classes: own } = this.file;
    const takes = sourcesOf(graph).map((source) => channelsOf(graph).get(source));
    if (own.join('\n') !== classes.join('\n'))
      return `${this.name} tells ${own.length} other classes apart than these images have`;
    if (graph.size !== height || takes.some((width) => width !== channels))
      return `${this.name} takes images of ${graph.size}×${graph.size} pixels, and these have ${height}×${height}`;
    return undefined;
  }

  networkOn(gpu: Gpu): Network {
    this.network ??= loadNetwork(gpu, this.file.graph, this.file.dict);
    return this.network;
  }

  /** On test images, 0 to 1. */
  async accuracy(gpu: Gpu, tests: ImageSet): Promise<number> {
    const data = new DeviceData(gpu, tests, this.file.normalization);
    const evaluator = new Evaluator(data, EVALUATION_BATCH);
    try {
      return await evaluator.accuracy(this.networkOn(gpu));
    } finally {
      evaluator.release();
      data.release();
    }
  }

  release(): void {
    this.network?.release();
    this.abandon();
  }

  /** Forgets what it had on a GPU that is gone. */
  abandon(): void {
    this.network = undefined;
  }
}
