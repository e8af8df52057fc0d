// What the command that trains detectors takes and refuses, before anything is opened.
import { describe, expect, it } from 'vitest';
import { trainDetector } from '../../src/cli/commands/train-detector.ts';
import { configOf, parseDetectorOptions } from '../../src/cli/detector/options.ts';
import { readSavedDetector } from '../../src/cli/detector/saved.ts';

const NAME = 'node bench/boxinst.js';
const parse = (line: string) => parseDetectorOptions(line.split(' ').filter(Boolean), NAME);

describe('the command line', () => {
  it.each([
    ['', /--data DIR is missing/],
    ['--data coco --micro-batch 3', /--micro-batch 3: a batch of 16 \(--batch\) does not come in equal parts/],
    ['--data coco --pad 40', /--pad 40: takes a multiple of 32/],
    ['--data coco --short 640,x', /--short x: takes a whole number/],
    ['--data coco --steps 2', /--steps 2: takes a number from 0 to 1/],
    ['--data coco --iteration 5', /--iteration/],
  ])('%s is refused', (line, message) => expect(() => parse(line)).toThrow(message));

  it('lets single options go before the small preset', () => {
    const config = configOf(parse('--quick --data coco --lr 0.5 --short 96,128'));
    expect(config).toMatchObject({ model: 'resnet18-imagenet', lr: 0.5, short: [96, 128], testShort: 128 });
  });

  it('refuses to change what a run is resumed with', () =>
    expect(() => readSavedDetector(parse('--resume runs/x --lr 1'))).toThrow(/--lr cannot be changed by --resume/));

  it('refuses a folder that is no run of its own', async () =>
    expect(trainDetector(['--resume', 'src'], NAME)).rejects.toThrow(/there is no config.json in it/));
});
