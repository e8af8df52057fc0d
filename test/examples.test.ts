// Every program of examples/ runs as a person would run it, against the built package, and prints what it promises.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { filesIn } from '../page/tools/server.ts';
import { createModel } from '../src/models/zoo/registry.ts';
import { stateDict } from '../src/nn/state-dict.ts';
import { readNetwork, writeNetwork } from '../src/train/files/network-file.ts';
import { root } from './architecture/tree.ts';
import { plain } from './data/folder/image-files.ts';
import { HAS_BROWSER, openTab } from './support/browser.ts';
import { program } from './support/command.ts';
import { gpu } from './support/gpu.ts';

const prints: Record<string, RegExp> = {
  'astrocyte.js':
    /^78042 parameters become \d{5}, .*\nlargest difference between the logits of both: \d\.\de-?\+?\d+$/m,
  'fine-tune.js':
    /without fc\.weight and fc\.bias, for blue, red\n(9\d|100) % of \d+ other images are right\n.*tuned\.safetensors: /,
  'line-fit.js': /^y = 3\.0\d·x \+ -[01]\.\d\d$/m,
  'own-arrays.js': /^loss 0\.[01]\d+, 9\d(\.\d)? % of new points are right$/m,
  'own-kernel.js':
    /^0 kernels do not compile\ngradients are off by 0\.\d % at most\nthe first element's gradient is [\d.]+$/m,
  'own-module-astrocyte.js':
    /^1\d{3} of 2580 parameters are kept, loss on held-out images 0\.\d{3}\n46144 multiplications an image become [12]\d{4}$/m,
  'own-network.js': /^5221 parameters, .*\nlogits \[4×5\], .*\n.*my-network\.onnx: \d{5} bytes$/m,
  'profile-kernel.js':
    /^kernel .* limit\n[\s\S]*^mine\/row-sums\/(tree|plain) .* (bandwidth|dispatch)\n[\s\S]* opens in ui\.perfetto\.dev\nmine\/row-sums 1024x2048: (tree|plain) [\d.]+ ms$/m,
  'tiny-transformer.js': /^loss 0\.\d+, (9\d|100)\.\d % of unseen symbols are right$/m,
  'train-classifier.js': /^loss [01]\.\d+, test accuracy [2-9]\d\.\d %$/m,
};

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A network of random values, a folder of red and of blue pictures, and where the network that knows them goes. */
async function fineTuned(): Promise<string[]> {
  const [known, pictures, tuned] = ['known.safetensors', 'pictures', 'tuned.safetensors'].map((it) => join(folder, it));
  for (const name of ['blue', 'red']) {
    mkdirSync(join(pictures, name), { recursive: true });
    for (let i = 0; i < 40; i++) {
      const [strong, weak] = [150 + 2 * i, 20 + i];
      const color = name === 'red' ? ([strong, 60, weak] as const) : ([weak, 60, strong] as const);
      writeFileSync(join(pictures, name, `${i}.png`), await plain(color).png().toBuffer());
    }
  }
  const network = createModel('resnet-small').to(gpu, 1);
  const normalization = { mean: [0.5, 0.4, 0.3], std: [0.3, 0.2, 0.25] };
  const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  writeNetwork(known, { graph: network.graph, dict: await stateDict(network), classes, normalization });
  network.release();
  return [known, pictures, tuned];
}

const programs = Object.keys(prints);

it('every example is run here, listed, and has fewer than 60 lines', () => {
  const found = readdirSync(join(root, 'examples'));
  const text = (name: string): string => readFileSync(join(root, 'examples', name), 'utf8');
  expect(found.filter((name) => /\.(js|html)$/.test(name)).sort()).toEqual([...programs, 'page.html'].sort());
  expect(found.filter((name) => name !== 'README.md' && text(name).trimEnd().split('\n').length >= 60)).toEqual([]);
  const rows = [...text('README.md').matchAll(/^\| \[(.+?)\]\((.+?)\)/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual([...programs, 'page.html'].sort());
});

it.each(programs)('examples/%s', async (name) => {
  const args = name === 'fine-tune.js' ? await fineTuned() : [];
  const { code, stdout, stderr } = await program(`examples/${name}`, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(prints[name]);
  if (args.length > 0) {
    const { classes, normalization } = readNetwork(args[2]);
    expect([classes, normalization.mean]).toEqual([
      ['blue', 'red'],
      [0.5, 0.4, 0.3],
    ]);
  }
});

it.skipIf(!HAS_BROWSER)('examples/page.html', async () => {
  const tab = await openTab(filesIn(root), { path: 'examples/page.html' });
  try {
    const status = tab.page.getByRole('status');
    await status.filter({ hasText: /^done: / }).waitFor({ timeout: 50_000 });
    expect(await status.textContent()).toMatch(/step 120, loss 0\.[01]\d+$/);
    // The row through the middle, which is on no ring, and a point on it.
    const row = await tab.page.evaluate(() => [
      ...document.querySelector('canvas')!.getContext('2d')!.getImageData(0, 24, 48, 1).data,
    ]);
    const isRed = (x: number): boolean => row[4 * x] > row[4 * x + 2];
    expect([24, 38].map(isRed)).toEqual([false, true]);
    expect([...tab.errors, ...tab.warnings]).toEqual([]);
  } finally {
    await tab.close();
  }
});

it('examples/fine-tune.js says what it wants', async () => {
  const { code, stdout } = await program('examples/fine-tune.js');
  expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringMatching(/^usage: .* NETWORK FOLDER/) });
});
