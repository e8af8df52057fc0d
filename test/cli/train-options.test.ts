// The main job's command line: what it takes, and one line naming the option for what it does not.
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/common/options.ts';
import { limitedLines, notes } from '../../src/cli/train/notes.ts';
import { helpText, parseOptions } from '../../src/cli/train/options.ts';
import { fullCommand, versions } from '../../src/cli/train/reproduction.ts';
import { modelNames } from '../../src/models/zoo/registry.ts';
import { configure as configureOn } from '../../src/train/config.ts';

const configure = (
  given: Parameters<typeof configureOn>[0],
  software: boolean,
  available: { train: number; test: number },
) => configureOn(given, { software, available });

const refusal = (...args: string[]): string => {
  try {
    parseOptions(args);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error(`${args.join(' ')} was taken`);
};

describe('parseOptions', () => {
  it.each([
    [['--T', '11'], '--T 11: takes a whole number from 1 to 10'],
    [['--T', '2.5'], '--T 2.5: takes a whole number from 1 to 10'],
    [['--epochs', '0'], '--epochs 0: takes a whole number from 1'],
    [['--epochs', '-3'], '--epochs'],
    [['--batch', 'x'], '--batch x: takes a whole number'],
    [['--batch', ''], '--batch'],
    [['--lr', 'NaN'], '--lr NaN: takes a number'],
    [['--lr', 'Infinity'], '--lr Infinity: takes a number'],
    [['--seed', '4294967296'], '--seed 4294967296: takes a whole number from 0 to 4294967295'],
    [['--held-out', '1.5'], '--held-out 1.5: takes a number above 0 to below 1'],
    [['--held-out', '0'], '--held-out 0: takes a number above 0'],
    [['--held-out', '1'], '--held-out 1: takes a number above 0 to below 1'],
    [['--keep', '0'], '--keep 0: takes a number above 0 to 1'],
    [['--keep', '1.01'], '--keep 1.01: takes a number above 0 to 1'],
    [['--astrocyte', 'an.safetensors', '--arms', 'plain'], '--astrocyte an.safetensors: no arm uses it; leave it out'],
    [['--threshold', '1.5'], '--threshold 1.5: gates of --u sigmoid are at most 1'],
    [['--threshold', '1.5', '--u', 'hard'], '--threshold 1.5: gates of --u hard are at most 1'],
    [['--threshold=-0.1'], '--threshold -0.1: takes a number from 0'],
    [['--lr', '0'], '--lr 0: takes a number above 0 to 100'],
    [['--an-lr', '0'], '--an-lr 0: takes a number above 0'],
    [['--lr=-1'], '--lr -1: takes a number above 0'],
    [['--momentum', '1'], '--momentum 1: takes a number from 0 to below 1'],
    [['--label-smoothing', '1'], '--label-smoothing 1: takes a number from 0 to below 1'],
    [['--lambda=-1'], '--lambda -1: takes a number from 0'],
    [['--settle', '1.5'], '--settle 1.5: takes a number from 0 to 1'],
    [['--warmup', '2'], '--warmup 2: takes a number from 0 to 1'],
    [['--weight-decay', '2'], '--weight-decay 2: takes a number from 0 to 1'],
    [['--width', '0'], '--width 0: takes a number from 0.001 to 1'],
    [['--size', '0'], '--size 0: takes a whole number from 1 to 4096'],
    [['--images', '1'], '--images 1: takes a whole number from 2'],
    [['--arms', 'narrow'], 'the narrow arm is made as small as a regulated arm before it'],
    [['--phase', 'guide'], 'the trained arm needs an astrocyte'],
    [
      ['--search-structure', '--keep', '0.5', '--phase', 'guide', '--arms', 'random'],
      '--search-structure: it cuts the gates of the search, and there is none',
    ],
    [['--search-structure', '--keep', '0.5', '--arms', 'plain,random'], '--search-structure: it cuts'],
    [['--phase', 'foo'], '--phase foo: takes one of search, guide'],
    [['--phase', 'search,foo'], '--phase foo: takes one of search, guide'],
    [['--phase', ','], '--phase: names at least one of search, guide'],
    [['--arms', 'plain,best'], '--arms best: takes one of plain, random, trained'],
    [['--model', 'resnet19'], `--model resnet19: takes one of ${modelNames.join(', ')}`],
    [['--precision', 'f64'], '--precision f64: takes one of f32, f16'],
    [['--gate', 'neuron'], '--gate neuron: takes one of connection, filter, channel'],
    [['--threshold', '0.5', '--keep', '0.7'], '--threshold and --keep: give one of them'],
    [['--astrocyte', 'a.safetensors', '--phase', 'search,guide'], '--astrocyte'],
    [['--nonsense'], "Unknown option '--nonsense'; npx astrogpu train --help"],
    [['--epoch', '3'], "Unknown option '--epoch'; did you mean --epochs? npx"],
    [['--labelsmoothing', '0.1'], 'did you mean --label-smoothing?'],
    [['--bacth', '3'], 'did you mean --batch?'],
    [['--model', 'resnet-18'], '; did you mean resnet18?'],
    [['--arms', 'plian'], '; did you mean plain?'],
    [['-x'], "'-x'"],
    [['stray'], "'stray'"],
    [['--epochs'], '--epochs'],
    [['--epochs', '--batch', '3'], '--epochs'],
    [['--no-augment=yes'], '--no-augment'],
  ])('%j is refused', (args, why) => {
    expect(refusal(...args)).toContain(why);
  });

  it('takes -h and -v', () => {
    expect(parseOptions(['-h'])).toEqual({ help: true });
    expect(parseOptions(['-v'])).toEqual({ version: true });
  });

  it('takes numbers, lists and switches', () => {
    expect(
      parseOptions([
        '--T',
        '10',
        '--lr',
        '1e-2',
        '--phase',
        'guide,guide',
        '--no-gate',
        'conv1,fc',
        '--absolute',
        '--arms',
        'plain',
      ]),
    ).toEqual({ T: 10, lr: 0.01, phase: ['guide'], arms: ['plain'], noGate: ['conv1', 'fc'], absolute: true });
  });
});

it('switches are turned off by --no-, also where a recipe turns them on', () => {
  expect(parseOptions(['--recipe', 'astrogpu', '--no-absolute', '--augment', '--no-tensorboard'])).toEqual({
    recipe: 'astrogpu',
    absolute: false,
    noAugment: false,
    tensorboard: false,
  });
  expect(refusal('--absolute', '--no-absolute')).toBe('--absolute and --no-absolute: give one of them');
  expect(refusal('--augment', '--no-augment')).toBe('--no-augment and --augment: give one of them');
  expect(refusal('--no-absolut')).toContain('did you mean --no-absolute?');
  expect(refusal('--no-epochs')).toContain("Unknown option '--no-epochs'");
});

describe('the help text', () => {
  const help = helpText('npx astrogpu train', 100);

  it('has every option on a line of its own, under a heading', () => {
    for (const name of ['data DIR', 'model NAME', 'resume DIR', 'profile', 'checkpoint-every SECONDS'])
      expect(help).toMatch(new RegExp(`^  --${name} +\\S`, 'm'));
    const headings = ['usual', 'data', 'network', 'training', 'astrocyte and gates', 'search', 'guide', 'run'];
    expect(help.match(/^[a-z ]+:$/gm)).toEqual([...headings, 'examples'].map((title) => `${title}:`));
  });

  it('begins with the eleven options that most people need, each there once', () => {
    const usual = help.slice(help.indexOf('usual:'), help.indexOf('\ndata:')).match(/^ {2}--\S+/gm)!;
    expect(usual).toHaveLength(11);
    for (const flag of usual) expect(help.split(`\n${flag} `)).toHaveLength(2);
  });

  it('says choices, defaults on both kinds of adapters, and what goes beyond the paper', () => {
    const text = help.replace(/\n {4,}/g, ' ');
    expect(text).toMatch(/--epochs N .* \(default 60; 8 on a software adapter\)$/m);
    expect(text).toMatch(/--images N .* \(default all; 3000 on a software adapter\)$/m);
    expect(text).toMatch(
      /--an NAME .* \[unet, fcn, cnn(, \w+)*\] \(default axial; of the recipe paper unet; axial: beyond the paper\)$/m,
    );
    expect(text).toMatch(
      /--recipe NAME .* \[paper, astrogpu\] \(default astrogpu; paper for vision transformers; astrogpu: beyond the paper\)/m,
    );
    expect(text).toMatch(
      /--arms LIST .* \(default plain, random, paper, magnitude, trained, narrow \(on a software adapter plain, magnitude, trained, narrow\); of the recipe paper plain, random, trained, narrow\)$/m,
    );
    expect(text).toMatch(/--guide-every N .* \(default 10; of the recipe paper 1 \(on a software adapter 10\)\)$/m);
    expect(text).toMatch(/--absolute .* \(default yes; of the recipe paper no\)$/m);
    expect(text).toMatch(/--target-params X .* \(default 0\.25; of the recipe paper none; beyond the paper\)$/m);
    expect(text).toMatch(
      /--gate KIND .* \(default connection; filter for vision transformers; channel: beyond the paper\)$/m,
    );
    expect(text).toMatch(/--shift X .* \(default 2; of the recipe paper 0; all but 0: beyond the paper\)$/m);
    expect(text).toMatch(/--temperature X .* \(default 1; other values: beyond the paper\)$/m);
    expect(text).toMatch(/--keep X .* \(beyond the paper\)$/m);
    expect(text).toMatch(/--sparsity-weight X .*; was --budget\)$/m);
    expect(text).not.toMatch(/^ +--(see|skip|budget|through)\b/m);
  });

  it.each([60, 100, 160])('keeps to %i columns but for the lines to copy', (width) => {
    const lines = helpText('npx astrogpu train', width).split('\n');
    const wrapped = lines.filter((line) => !/^ {2}(npx|#)/.test(line));
    expect(Math.max(...wrapped.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  it('ends with examples that are taken', () => {
    const lines = help.slice(help.indexOf('examples:')).match(/(?<=^ {2}npx astrogpu train ).*/gm)!;
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(Object.keys(parseOptions(line.split(' '))).length).toBeGreaterThan(0);
  });
});

describe('configure', () => {
  const available = { train: 50000, test: 10000 };

  it('depends on the adapter, and on what was given', () => {
    const small = configure({}, true, available);
    expect(small).toMatchObject({
      model: 'resnet-small',
      phase: ['search', 'guide'],
      gate: 'connection',
      T: 6,
    });
    expect(configure({}, false, available)).toMatchObject({ model: 'resnet18', images: 50000, batch: 128 });
    expect(configure(parseOptions(['--T', '3', '--gate', 'filter']), true, available)).toEqual({
      ...small,
      T: 3,
      gate: 'filter',
    });
  });

  it('computes in f32 unless f16 is asked for', () => {
    expect(configure({}, false, available).precision).toBe('f32');
    expect(configure(parseOptions(['--precision', 'f16']), true, available).precision).toBe('f16');
  });

  it('takes no more images than there are', () => {
    expect(configure({ images: 99999 }, false, { train: 300, test: 20 })).toMatchObject({
      images: 300,
      testImages: 20,
    });
  });

  it('takes all images on a GPU, however many there are', () => {
    expect(configure({}, false, { train: 70000, test: 20000 })).toMatchObject({ images: 70000, testImages: 20000 });
  });

  it('a given astrocyte takes the place of the search', () => {
    expect(configure({ astrocyte: 'a.safetensors' }, true, available).phase).toEqual(['guide']);
  });

  it('there is no search where no arm uses what it finds, unless it was asked for', () => {
    const phaseOf = (...args: string[]) => configure(parseOptions(args), true, available).phase;
    expect(phaseOf('--arms', 'plain,random,narrow')).toEqual(['guide']);
    expect(phaseOf('--arms', 'plain,trained')).toEqual(['search', 'guide']);
    expect(phaseOf('--arms', 'plain,random', '--phase', 'search,guide')).toEqual(['search', 'guide']);
  });
});

it('says what takes fewer images than were asked for: the run, or the search alone', () => {
  const said = (...args: string[]): string[] => {
    const [given, available] = [parseOptions(args), { train: 50, test: 10 }];
    return limitedLines(given, configure(given, true, available), available);
  };
  expect(said('--batch', '16')).toEqual([
    '--batch 16: the search takes 10, since the smaller of its parts has 10 images (held-out part 0.2)',
  ]);
  expect(said('--batch', '64', '--phase', 'guide', '--arms', 'plain')).toEqual([
    '--batch 64: 50 are taken, since 50 training images are used',
  ]);
});

it('the notes say that single channels free little under a target', () => {
  const said = (...args: string[]): boolean =>
    notes(configure(parseOptions(args), true, { train: 100, test: 10 })).some((note) => note.includes('--group'));
  expect(said('--gate', 'filter', '--target-params', '0.5')).toBe(true);
  expect(said('--gate', 'filter', '--target-params', '0.5', '--group', '4')).toBe(false);
  expect(said('--target-params', '0.5')).toBe(false);
});

it('the notes say what goes beyond the paper, and nothing where nothing does', () => {
  const beyond = (...args: string[]): string[] =>
    notes(configure(parseOptions(args), true, { train: 100, test: 10 })).filter((note) => note.startsWith('Beyond'));
  expect(beyond('--recipe', 'paper')).toEqual([]);
  expect(beyond()).toEqual([
    'Beyond the paper: an astrocyte that sees rows and columns of gates as sets; stem, 1×1 shortcuts and classifier without gates; 1 times its feature in the logit of each gate; an astrocyte whose last layer starts at zero; gates that start shifted by 2; a budget of 0.25 of the parameters; a kept fraction that falls from 0.1 of the guide on; the recipe astrogpu.',
  ]);
  // The rule of the largest weights has the gates alone, and a plain network not even those.
  expect(beyond('--arms', 'plain,magnitude')).toEqual([
    'Beyond the paper: stem, 1×1 shortcuts and classifier without gates; a budget of 0.25 of the parameters; a kept fraction that falls from 0.1 of the guide on; the recipe astrogpu.',
  ]);
  expect(beyond('--arms', 'plain')).toEqual([]);
  expect(beyond('--arms', 'plain', '--optimizer', 'lion')).toEqual([
    'Beyond the paper: lion as the optimizer of the task network.',
  ]);
  expect(
    beyond('--recipe', 'paper', '--keep', '0.5', '--skip', '2', '--see', 'scale', '--budget', '0.1', '--shift', '1'),
  ).toEqual([
    'Beyond the paper: an astrocyte whose input is more than weights (scale); 2 times its feature in the logit of each gate; gates that start shifted by 1; a weight of 0.1 on the mean of P; a kept fraction of 0.5.',
  ]);
});

it('the earlier names of options and arms are taken as well', () => {
  expect(
    parseOptions(['--see', 'scale', '--skip', '2', '--budget', '0.1', '--through', '--arms', 'random,thin']),
  ).toEqual(
    parseOptions([
      ...['--input', 'scale', '--logit-skip-scale', '2', '--sparsity-weight', '0.1', '--backprop-through-gates'],
      ...['--arms', 'random,narrow'],
    ]),
  );
  expect(refusal('--see', 'scale', '--input', 'scale')).toBe('--see is an earlier name of --input: give one of them');
});

describe('a full command', () => {
  const available = { train: 400, test: 100 };
  const words = (line: string): string[] =>
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);

  it.each([
    [[]],
    [
      [
        '--data',
        'my photos/',
        '--size',
        '64',
        '--no-augment',
        '--keep',
        '0.3',
        '--phase',
        'guide',
        '--arms',
        'plain,random',
      ],
    ],
    [
      [
        '--astrocyte',
        'a.safetensors',
        '--shift=-2',
        '--no-gate',
        'conv1,fc',
        '--backprop-through-gates',
        '--mode',
        'compound',
      ],
    ],
    [['--threshold', '0.3', '--settle', '0.2']],
    [['--no-zero-init', '--no-absolute', '--settle', '0.95']],
    [['--logit-skip-scale', '0']],
    [['--recipe', 'paper']],
    [['--recipe', 'paper', '--keep', '0.3', '--absolute', '--phase', 'guide', '--arms', 'plain,random']],
    [['--model', 'vit-tiny-cifar', '--optimizer', 'lion']],
  ])('of %j gives the same configuration, also where the defaults are others', (args) => {
    const config = configure(parseOptions(args), true, available);
    const line = fullCommand('npx astrogpu train', config);
    expect(line.startsWith('npx astrogpu train --')).toBe(true);
    expect(line).toContain(` --recipe ${config.recipe}`);
    const again = parseOptions(words(line).slice(3));
    expect(configure(again, true, available)).toEqual(config);
    expect(configure(again, false, available)).toEqual(config);
  });
});

it('the versions of a run name what is known', () => {
  const adapter = { driver: 'Mesa 25', implementation: 'dawn 0.6.2' } as Parameters<typeof versions>[0];
  expect(versions(adapter).map(({ name }) => name)).toEqual(['astrogpu', 'Node', 'WebGPU', 'Driver']);
  expect(versions({ ...adapter, driver: '' }).map(({ name }) => name)).not.toContain('Driver');
  expect(versions(adapter)[0].value).toMatch(/^\d+\.\d+\.\d+(, commit [0-9a-f]{12}(-dirty)?)?$/);
});
