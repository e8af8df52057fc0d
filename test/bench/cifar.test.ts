// The main job as a command, in child processes: its errors, what a run leaves, and that a run killed or interrupted at any moment goes on to the
// same bytes. On the drawn stand-in, the smallest network and a few images.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/io/safetensors.ts';
import { readMetrics } from '../../src/train/run/run-folder.ts';
import { cifar, type Ended, signalAt, stepsSaved } from '../support/command.ts';
import { products } from '../support/products.ts';

const cwd = mkdtempSync(join(tmpdir(), 'astrogpu-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const inside = (...path: string[]): string => join(cwd, ...path);

const small = [
  '--data',
  'stand-in',
  '--images',
  '40',
  '--test-images',
  '20',
  '--batch',
  '10',
  '--checkpoint-every',
  '0',
];
/** By the paper's readings: four search steps, then eight steps an arm, the second half of them under the final gates. */
const whole = [
  ...[...small, '--recipe', 'paper', '--search-epochs', '1', '--epochs', '2', '--T', '2', '--gate', 'filter'],
  ...['--guide-every', '2', '--settle', '0.5', '--evaluate-every', '1'],
];

describe('errors are one line, and the exit code tells whose fault it is', () => {
  const expectLine = ({ code, stderr }: Ended, wanted: number, text: string): void => {
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(text);
    expect(code).toBe(wanted);
  };

  const refused = [...small, '--out', 'refused'];
  it.each([
    ['--nonsense', 2, "'--nonsense'", []],
    ['--T 11', 2, '--T 11: takes a whole number from 1 to 10', []],
    ['--data nowhere', 1, 'nowhere: no such folder', []],
    ['--phase guide', 2, 'the trained arm needs an astrocyte', refused],
    ['--no-gate conv9', 2, 'there is no layer "conv9"', refused],
    ['--held-out 0.00001', 2, 'leaves none for the astrocyte', refused],
    ['--astrocyte nowhere.safetensors', 2, 'nowhere.safetensors: there is no such file', refused],
    ['--resume nowhere', 1, '--resume nowhere: there is no such folder', []],
  ])('%s', async (args, code, text, more) => {
    expectLine(await cifar([...args.split(' '), ...more], cwd), code, text);
    expect(existsSync(inside('refused'))).toBe(false);
  });

  it('a folder that is not empty is no place for a new run', async () => {
    const out = mkdtempSync(inside('full-'));
    writeFileSync(join(out, 'notes.txt'), '');
    expectLine(await cifar([...small, '--out', out], cwd), 2, `--out ${out} is not empty`);
  });

  it('a config.json of something else is not resumed', async () => {
    const out = mkdtempSync(inside('other-'));
    writeFileSync(join(out, 'config.json'), '{"name": "other"}');
    expectLine(await cifar(['--resume', out], cwd), 2, 'is not of a run of this command');
  });

  it('a run of an earlier version is not resumed, and what to do is said', async () => {
    const out = mkdtempSync(inside('earlier-'));
    const config = { model: 'resnet-small', recipe: { batch: 50, rate: 0.1 }, guide: { epochs: 6 } };
    writeFileSync(join(out, 'config.json'), JSON.stringify({ config, command: 'node bench/cifar.js' }));
    expectLine(await cifar(['--resume', out], cwd), 2, 'another version of astrogpu made that run');
    expectLine(await cifar(['--resume', out], cwd), 2, 'the command in its config.json and --recipe paper');
  });
});

it('--help and --version answer on standard output', async () => {
  const [help, version] = await Promise.all([cifar(['--help'], cwd), cifar(['--version'], cwd)]);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('node bench/cifar.js [options]');
  const { version: expected } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(version).toMatchObject({ code: 0, stderr: '', stdout: `${expected}\n` });
});

it('by default a run has the recipe astrogpu, and says so', { timeout: 120_000 }, async () => {
  const { code, stdout } = await cifar(
    [...small, '--T', '2', '--epochs', '1', '--search-epochs', '1', '--arms', 'trained', '--out', 'usual'],
    cwd,
  );
  expect(code).toBe(0);
  const { config } = JSON.parse(readFileSync(inside('usual', 'config.json'), 'utf8'));
  const own = { an: 'axial', gated: 'inner', absolute: true, zeroInit: true, targetParams: 0.25 };
  expect(config).toMatchObject({ recipe: 'astrogpu', ...own });
  expect(readFileSync(inside('usual', 'table.md'), 'utf8')).toMatch(/^\| trained AN +\|.*\(25\.0 %\)/m);
  expect(stdout).toContain('Recipe: astrogpu, which goes beyond the paper; --recipe paper has');
  expect(readFileSync(inside('usual', 'report.html'), 'utf8')).toContain(' --recipe astrogpu ');
});

describe('a whole run', () => {
  const folder = inside('straight');
  let ended: Ended;
  beforeAll(async () => {
    ended = await cifar([...whole, '--out', 'straight'], cwd);
  });

  it('ends well, and says that its data are not CIFAR-10', () => {
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.stdout).toContain('NOT CIFAR-10, as asked for');
    expect(ended.stdout).toContain('STAND-IN DATA, NOT CIFAR-10');
    expect(ended.stderr).toMatch(/trained AN · guide · epoch 2\/2 {2}step 4\/4 .* test accuracy /);
  });

  it('has a row for each arm with the same number of updates', () => {
    const table = readFileSync(join(folder, 'table.md'), 'utf8');
    for (const arm of ['plain NN', 'random AN', 'trained AN'])
      expect(table).toMatch(new RegExp(`^\\| ${arm} +\\|.*78,042.*\\| +8 \\|`, 'm'));
    expect(table).toMatch(/^\| narrower NN +\|(?!.*78,042).*\| +8 \|/m);
    expect(ended.stdout).toContain(table.trim());
  });

  it('leaves its configuration, metrics, curves, maps and a page', () => {
    const { config, command, standIn } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ model: 'resnet-small', images: 40, gate: 'filter', T: 2 });
    expect(command).toBe(`node bench/cifar.js ${whole.join(' ')} --out straight`);
    expect(standIn).toBe(true);
    const rows = readMetrics(join(folder, 'metrics.jsonl'));
    const epochs = rows.filter(({ level }) => level === 'epoch');
    expect(epochs.map(({ arm, phase, epoch }) => `${arm} ${phase} ${epoch}`)).toEqual([
      'trained AN search 1',
      ...['plain NN', 'random AN', 'trained AN', 'narrower NN'].flatMap((arm) => [`${arm} guide 1`, `${arm} guide 2`]),
    ]);
    for (const row of epochs) expect([row.loss, row.accuracy, row.trainAccuracy].every(Number.isFinite)).toBe(true);
    expect(readdirSync(join(folder, 'p-maps'))).toHaveLength(10);
    for (const name of ['accuracy-guide', 'loss-guide', 'test-loss-guide', 'sparsity-guide', 'gates'])
      expect(readFileSync(join(folder, 'curves', `${name}.svg`), 'utf8')).toContain('<svg');
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('trained AN');
    expect(page).not.toMatch(/(src|href)="https?:/);
    expect(stepsSaved(folder)).toBe(36);
  });

  it('leaves networks that torch can name', () => {
    const names = (name: string): Map<string, number[]> =>
      new Map([...readSafetensors(join(folder, name)).tensors].map(([key, { shape }]) => [key, shape]));
    const [plain, random, trained] = ['plain-NN', 'random-AN', 'trained-AN'].map((arm) => names(`${arm}.safetensors`));
    expect(plain.get('conv1.weight')).toEqual([16, 3, 3, 3]);
    expect(plain.get('layer2.0.downsample.1.running_var')).toEqual([32]);
    expect(plain.get('fc.weight')).toEqual([10, 64]);
    expect([...plain.keys()].some((name) => name.startsWith('gate.'))).toBe(false);
    for (const gated of [random, trained]) expect(gated.get('gate.layer2.0.conv1')).toEqual([32]);
    expect(names('astrocyte.safetensors').get('network.encoder.1.conv.weight')).toEqual([32, 16, 3, 3]);
  });

  it('killed at five moments, interrupted once and resumed, ends with the same bytes', {
    timeout: 120_000,
  }, async () => {
    const cut = inside('cut');
    const start = [...whole, '--out', 'cut'];
    const resume = ['--resume', 'cut'];
    // Steps: 1-4 search, 5-12 plain, 13-20 random (settles after 16), 21-28 trained.
    const first = await cifar(start, cwd, signalAt(cut, 0, 'SIGKILL'));
    expect(first.signal).toBe('SIGKILL');
    const interrupted = await cifar(resume, cwd, signalAt(cut, 2, 'SIGINT'));
    expect(interrupted.code).toBe(130);
    expect(interrupted.stdout).toMatch(
      /interrupted and saved after step \d+ of the \S+ phase \(.*\); go on with: node bench\/cifar\.js --resume cut\n$/,
    );
    expect(interrupted.stderr).toContain('stopping after this step, and saving');
    let kills = 0;
    for (const steps of [5, 10, 17, 22])
      if ((await cifar(resume, cwd, signalAt(cut, steps, 'SIGKILL'))).signal === 'SIGKILL') kills++;
    // On a fast machine the last one may come when all is done.
    expect(kills).toBeGreaterThanOrEqual(3);
    for (let again = 0; again < 2; again++) {
      const { code, stdout } = await cifar(resume, cwd);
      expect(code).toBe(0);
      expect(stdout).toContain('| trained AN |');
      expect(products(cut)).toEqual(products(folder));
    }
  });

  it('is not resumed on other data', async () => {
    const out = mkdtempSync(inside('data-'));
    const saved = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    writeFileSync(join(out, 'config.json'), JSON.stringify({ ...saved, standIn: false }));
    const { code, stderr } = await cifar(['--resume', out], cwd);
    expect(stderr).toBe(`--resume ${out}: that run had CIFAR-10 (--data DIR), and this is other data\n`);
    expect(code).toBe(2);
  });

  it('goes on from the checkpoint before a damaged one, and says so', async () => {
    const newest = readdirSync(folder)
      .filter((name) => name.startsWith('checkpoint'))
      .sort()
      .at(-1)!;
    const bytes = readFileSync(join(folder, newest));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(folder, newest), bytes);
    const { code, stderr } = await cifar(['--resume', 'straight'], cwd);
    expect(stderr).toMatch(/^Checkpoint \S+: [^\n]* damaged[^\n]* goes on from the one before it/);
    expect(code).toBe(0);
  });
});
