// The ground that browser tests stand on: an adapter, also in a worker, and every error of a page and its workers seen.
import { afterAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER, openTab, type Tab } from '../support/browser.ts';

const file = (text: string) => new TextEncoder().encode(text);
const pages: Record<string, Uint8Array> = {
  'index.html': file('<!doctype html><title>a</title><link rel="icon" href="data:," />'),
  'worker.js': file(`const adapter = await navigator.gpu?.requestAdapter();
    postMessage(adapter ? adapter.info.architecture : 'none');
    addEventListener('message', () => { console.error('said'); throw new Error('thrown'); });`),
};

describe.skipIf(!HAS_BROWSER)('a browser for tests', () => {
  const tabs: Tab[] = [];
  const open = async (options = {}): Promise<Tab> => {
    tabs.push(await openTab(async (path) => pages[path], options));
    return tabs.at(-1)!;
  };
  afterAll(() => Promise.all(tabs.map((tab) => tab.close())));

  const adapterOf = ({ page }: Tab): Promise<string> =>
    page.evaluate(async () => (await navigator.gpu?.requestAdapter())?.info.architecture ?? typeof navigator.gpu);

  it('has a software adapter, in the page and in a worker, and tells what goes wrong in both', async () => {
    const tab = await open();
    const { page, errors } = tab;
    expect(await adapterOf(tab)).toBe('swiftshader');
    const [worker, inWorker] = await page
      .evaluateHandle(async () => {
        const worker = new Worker('worker.js', { type: 'module' });
        return [worker, await new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)))] as const;
      })
      .then(async (pair) => [await pair.getProperty('0'), await (await pair.getProperty('1')).jsonValue()] as const);
    expect(inWorker).toBe('swiftshader');
    expect(errors).toEqual([]);
    await worker.evaluate((worker) => (worker as Worker).postMessage(0));
    await page.evaluate(() => fetch('nothing.js'));
    await expect.poll(() => errors.join('\n')).toMatch(/said/);
    await expect.poll(() => errors.join('\n')).toMatch(/thrown/);
    await expect.poll(() => errors.join('\n')).toMatch(/nothing\.js/);
  });

  it('can lack the adapter, and WebGPU as a whole', async () => {
    expect(await adapterOf(await open({ webgpu: 'no adapter' }))).toBe('object');
    expect(await adapterOf(await open({ webgpu: 'none' }))).toBe('undefined');
  });
});
