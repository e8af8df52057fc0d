// Images that a person gives the page in Chromium: a folder that is chosen or dropped, decoded by the browser, and CIFAR-10's files. The worker is the page's own,
// but for CIFAR-10's files, of which it takes tiny ones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { CDPSession } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../page/tools/build.ts';
import { tinySet } from '../data/cifar10/files.ts';
import { HAS_BROWSER, openTab, type Tab } from '../support/browser.ts';

const { files: batches, layout } = tinySet();
const home = mkdtempSync(join(tmpdir(), 'astrogpu-sources-'));
/** Of the middle of a picture, against the color that it was made of: what JPEG and WebP may differ by. */
const NEAR = 6;
const RED = [200, 30, 40];
const BLUE = [20, 60, 210];

/** The page's worker with another layout of CIFAR-10, as one file. */
async function workerOfTinySets(): Promise<Uint8Array> {
  const contents = `import { serve } from './serve.ts';
    import { Trainer } from './trainer.ts';
    serve(self, (emit) => new Trainer({ emit, cifar10: ${JSON.stringify(layout)} }));`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../../page/worker', import.meta.url)) },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    tsconfigRaw: { compilerOptions: { target: 'es2022' } },
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].contents;
}

function put(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), bytes);
}

const plain = (color: number[], width = 40, height = 28) =>
  sharp({ create: { width, height, channels: 3, background: { r: color[0], g: color[1], b: color[2] } } });

describe.skipIf(!HAS_BROWSER)('images of one’s own', () => {
  let tab: Tab;
  let devtools: CDPSession;

  beforeAll(async () => {
    for (const [name, bytes] of batches) put(`cifar-10-batches-bin/${name}`, bytes);
    mkdirSync(join(home, 'empty'));
    const png = await plain(RED).png().toBuffer();
    const jpeg = await plain(BLUE).jpeg().toBuffer();
    for (let i = 0; i < 3; i++) put(`pets/red cats/${i}.png`, png);
    for (let i = 0; i < 3; i++) put(`pets/blue dogs/${i}.jpg`, jpeg);
    put('pets/blue dogs/3.webp', await plain(BLUE).webp().toBuffer());
    put('pets/red cats/broken.jpg', 'no picture');
    put('pets/red cats/cut.png', png.subarray(0, 60));
    put('pets/turned/none.png', '');
    // Lying: red above blue, once it is turned upright.
    const turned = await sharp(await plain(RED, 16, 32).png().toBuffer())
      .extend({ right: 16, background: { r: BLUE[0], g: BLUE[1], b: BLUE[2] } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    for (let i = 0; i < 2; i++) put(`pets/turned/${i}.jpg`, turned);

    const files = await buildPage();
    files.set('worker.js', await workerOfTinySets());
    tab = await openTab(async (path) => files.get(path), { path: 'index.html' });
    devtools = await tab.page.context().newCDPSession(tab.page);
    await tab.page.getByText('Ready', { exact: true }).waitFor({ timeout: 60_000 });
  }, 120_000);
  afterAll(async () => {
    await tab?.close();
    rmSync(home, { recursive: true, force: true });
  });

  const ready = () => expect.poll(() => tab.page.textContent('#state'), { timeout: 60_000 }).toBe('Ready');
  const summary = () => tab.page.textContent('#data-summary');
  const said = () => tab.page.locator('[role=alert]').last().textContent();

  /** As a person drops files and folders from outside the browser. */
  async function drop(...paths: string[]): Promise<void> {
    const { x, y } = (await tab.page.locator('#data legend').boundingBox())!;
    const data = { items: [], files: paths.map((path) => join(home, path)), dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: x + 2, y: y + 2, data });
  }

  /** Pixel of each sample's upper and lower half, by class. */
  const samples = () =>
    tab.page.locator('.samples li').evaluateAll((all) =>
      all.map((one) => {
        const canvas = one.querySelector('canvas')!;
        const at = (part: number): number[] => [
          ...canvas
            .getContext('2d')!
            .getImageData(canvas.width / 2, part * canvas.height, 1, 1)
            .data.slice(0, 3),
        ];
        return { name: one.textContent!, upper: at(0.25), lower: at(0.75) };
      }),
    );
  const isNear = (pixel: number[], color: number[]) => pixel.every((value, i) => Math.abs(value - color[i]) <= NEAR);

  async function expectPets(): Promise<void> {
    await expect.poll(summary, { timeout: 30_000 }).toMatch(/^3 classes of images from pets/);
    expect(await summary()).toMatch(/5 training and 4 test images, 32 × 32, 3 classes\.3 files are left out/);
    expect(await tab.page.locator('#data-summary details li').allTextContents()).toEqual([
      'pets/red cats/broken.jpg: cannot be decoded (damaged, or no image that this browser reads)',
      'pets/red cats/cut.png: cannot be decoded (damaged, or no image that this browser reads)',
      'pets/turned/none.png: the file is empty',
    ]);
    const seen = await samples();
    expect([...new Set(seen.map(({ name }) => name))].sort()).toEqual(['blue dogs', 'red cats', 'turned']);
    for (const { name, upper, lower } of seen) {
      const [above, below] = { 'red cats': [RED, RED], 'blue dogs': [BLUE, BLUE], turned: [RED, BLUE] }[name]!;
      expect({ name, upper, near: isNear(upper, above) }).toMatchObject({ near: true });
      expect({ name, lower, near: isNear(lower, below) }).toMatchObject({ near: true });
    }
  }

  it('are a folder that was chosen, decoded by the browser, with what cannot be left out by name', async () => {
    await tab.page.check('[value=folder]');
    await tab.page.setInputFiles('#folder-files', join(home, 'pets'));
    await expectPets();
    await ready();
  });

  it('are a folder that was dropped', async () => {
    await tab.page.check('[value=drawn]');
    await expect.poll(summary, { timeout: 30_000 }).toMatch(/^shapes drawn/);
    await drop('pets');
    await expectPets();
    expect(await tab.page.isChecked('[value=folder]')).toBe(true);
  });

  it('are CIFAR-10’s files, dropped one by one or in their folder', async () => {
    const names = [...batches.keys()].map((name) => `cifar-10-batches-bin/${name}`);
    for (const paths of [names, ['cifar-10-batches-bin']]) {
      await tab.page.check('[value=drawn]');
      await expect.poll(summary, { timeout: 30_000 }).toMatch(/^shapes drawn/);
      await drop(...paths);
      await expect.poll(summary, { timeout: 30_000 }).toMatch(/^CIFAR-1015 training and 3 test images, 32 × 32, 10 /);
      expect(await tab.page.isChecked('[value=cifar10]')).toBe(true);
    }
    await drop(...names.slice(0, 5));
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^data_batch_1\.bin: test_batch\.bin missing; CIFAR-10 in /);
    expect(await summary()).toMatch(/^CIFAR-10/);
  });

  it('are refused in one line where they are none, and what was there stays', async () => {
    await drop('empty');
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^the folder: it is empty; choose one that has a folder of /);
    await drop('pets/turned/0.jpg');
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^images: holds no class folders, but 1 images that belong/);
    expect(await summary()).toMatch(/^CIFAR-10/);
    await ready();
    expect(tab.errors).toEqual([]);
  });
});
