// What a BoxInst network is made of: numbers with the published ones as defaults, and the graph of its backbone. A file carries it, so it is checked field by field.
import * as v from 'valibot';
import { checked } from '../../gpu/index.ts';
import { channelsOf, type Graph } from '../../models/index.ts';
import { DetectError } from '../errors.ts';

/** What a BoxInst network is made of, plain JSON. */
export interface BoxInstConfig {
  /** A network with maps of strides 8, 16 and 32, whole or without its head. */
  backbone: Graph;
  classes: number;
  /** Of the feature pyramid and the towers on it. Default 256. */
  channels: number;
  /** Convolutions in each tower. Default 4. */
  towers: number;
  /** Of the mask branch. Default 128. */
  maskChannels: number;
  /** Convolutions of the mask branch behind the sum of its levels. Default 4. */
  maskTowers: number;
  /** Channels that mask heads read. Default 16. */
  maskFeatures: number;
  /** Stages of the backbone that are not trained: 0 none, 1 the stem, 2 the first stage too, and so on. Default 2. */
  freezeAt: number;
  /** Are the backbone's batch normalizations frozen: running statistics, and scale and offset as they are? Default true. */
  freezeNorm: boolean;
}

/** A BoxInst network as asked for: what is left out is as published. */
export type BoxInstOptions = Pick<BoxInstConfig, 'backbone' | 'classes'> & Partial<BoxInstConfig>;

const PUBLISHED = {
  channels: 256,
  towers: 4,
  maskChannels: 128,
  maskTowers: 4,
  maskFeatures: 16,
  freezeAt: 2,
  freezeNorm: true,
};

const whole = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      `a whole number from ${least} to ${most}`,
    ),
  );

const CONFIG = v.object({
  backbone: v.looseObject({}),
  classes: whole(1, 65_536),
  channels: whole(1, 4096),
  towers: whole(0, 16),
  maskChannels: whole(1, 4096),
  maskTowers: whole(0, 16),
  maskFeatures: whole(1, 256),
  freezeAt: whole(0, 5),
  freezeNorm: v.boolean(),
});

/** A configuration that somebody handed in, a file for example. Throws DetectError that names the first field that is none, and GraphError for a graph that does not hang together. */
export function checkedConfig(config: unknown): BoxInstConfig {
  const found = checked(CONFIG, config, (reason) => new DetectError(`a detector's configuration: ${reason}`));
  channelsOf(found.backbone as unknown as Graph);
  return found as unknown as BoxInstConfig;
}

/** Options with what they leave out. Throws as checkedConfig(). */
export const configOf = (options: BoxInstOptions): BoxInstConfig => checkedConfig({ ...PUBLISHED, ...options });
