// The command that measures what compaction gains: its options, what it draws, and a whole measurement of a small network.
import { expect, it } from 'vitest';
import { drawGates, measure } from '../../bench/compaction/measure.ts';
import { parseOptions } from '../../bench/compaction/options.ts';
import { timeTable } from '../../bench/compaction/output.ts';
import { GateLayout } from '../../src/astro/gate-layout.ts';
import { UsageError } from '../../src/cli/common/options.ts';
import { createModel } from '../../src/models/zoo/registry.ts';
import { gpu } from '../support/gpu.ts';

it('options have defaults, are taken, and are refused in one line', () => {
  expect(parseOptions([])).toMatchObject({
    models: ['resnet-small'],
    group: 4,
    keep: [0.75, 0.5, 0.25],
    multiple: [4],
  });
  const args = ['--model', 'vgg16,resnet18', '--keep', '0.5,0.5', '--multiple', '1,4,8', '--no-gate', 'conv1'];
  expect(parseOptions(args)).toMatchObject({
    ...{ models: ['vgg16', 'resnet18'], keep: [0.5], multiple: [1, 4, 8], noGate: ['conv1'] },
  });
  expect(() => parseOptions(['--keep', '0.5,0'])).toThrow(UsageError);
  expect(() => parseOptions(['--gate', 'connection'])).toThrow(/^--gate connection: takes one of filter, channel$/);
});

it('as many groups of each layer stay, whole', () => {
  const layout = new GateLayout(createModel('resnet-small'), 'filter', [], 4);
  const gates = drawGates(layout, 0.5, 3);
  for (const { name, columns } of layout.entries) {
    const own = gates.get(name)!;
    expect(own.filter((gate) => gate === 1)).toHaveLength(columns / 2);
    for (let at = 0; at < columns; at += 4) expect(new Set(own.subarray(at, at + 4)).size).toBe(1);
  }
});

it('times the whole network and what is left of it', async () => {
  const drawn = { gate: 'channel' as const, group: 4, keep: [0.5], multiple: [4], noGate: ['conv1'], seed: 1 };
  const measured = await measure(gpu, { model: 'resnet-small', ...drawn, batch: 2, rounds: 7 });
  const [{ parameters, ratio, processorRatio }] = measured.smaller;
  expect(parameters).toBeLessThan(measured.whole.parameters);
  for (const { median, low, high } of [ratio, processorRatio]) {
    expect(low).toBeLessThanOrEqual(median);
    expect(high).toBeGreaterThanOrEqual(median);
  }
  const [head, , whole, smaller] = timeTable([measured], true).split('\n');
  expect(head).toMatch(/by processor time$/);
  expect(whole).toMatch(/^resnet-small +1 +78,042 /);
  expect(smaller).toMatch(/^resnet-small +0\.5 +4 /);
});
