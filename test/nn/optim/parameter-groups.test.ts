// Parameter groups: names that match none are told, and a factor of 0 leaves parameters alone.
import { describe, expect, it } from 'vitest';
import { Adam } from '../../../src/nn/optim/adam.ts';
import { NO_DECAY } from '../../../src/nn/optim/parameter-groups.ts';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { gpu } from '../../support/gpu.ts';
import { Pair, setGradients, wave } from './pair.ts';

describe('parameter groups', () => {
  it('say when no name matches, and what is no group', () => {
    const { arena } = new Pair().to(gpu, 1);
    const make =
      (...groups: unknown[]) =>
      () =>
        new Sgd(arena, { lr: 1, groups: groups as [] });
    expect(make({ match: /gamma/ })).toThrow("groups[0]: no parameter's name matches /gamma/; there are weight, bias");
    expect(make(NO_DECAY, {})).toThrow('groups[1]: match is undefined, it must be a pattern or a function');
    expect(() => new Sgd(arena, { lr: 1, groups: NO_DECAY as never })).toThrow('Sgd: groups must be a list');
    expect(make({ match: 'bias' })).toThrow('groups[0]: match is "bias", it must be a pattern or a function');
    expect(make({ match: /bias/, lrScale: -1 })).toThrow('groups[0]: lrScale is -1');
  });

  it('leave parameters alone at a factor of 0', async () => {
    const pair = new Pair().to(gpu, 1);
    const before = await pair.bias.tensor.floats();
    const optimizer = new Adam(pair.arena, { lr: 1, groups: [{ match: /bias/g, lrScale: 0 }] });
    setGradients(pair, 0);
    optimizer.step();
    expect(await pair.bias.tensor.floats()).toEqual(before);
    expect(await pair.weight.tensor.floats()).not.toEqual(wave('w', 6));
    for (const part of [optimizer, pair]) part.release();
  });
});
