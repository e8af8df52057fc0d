// What a person drops on the page at a bad time, or what cannot be read: a training goes on, and a line says what to do.
import { describe, expect, it } from 'vitest';
import { HAS_BROWSER, openTab } from '../support/browser.ts';
import { pageWithFake } from '../support/page.ts';
import type { Fake } from './fake-trainer.ts';

describe.skipIf(!HAS_BROWSER)('the page', () => {
  it('lets a training go on that began while a folder was dropped, and says what to do about a file that cannot be read', async () => {
    const { page, errors, close } = await openTab(pageWithFake(), { reducedMotion: 'reduce' });
    const until = (state: string) => expect.poll(() => page.textContent('#state'), { timeout: 20_000 }).toBe(state);
    await until('Ready');
    // An entry that tells its file when it is asked to, as a large folder does.
    await page.evaluate(() => {
      const tell = (done: (file: File) => void) => {
        Object.assign(globalThis, { tell: () => done(new File(['a'], '1.png')) });
      };
      const items = [{ webkitGetAsEntry: () => ({ fullPath: '/a/1.png', isFile: true, file: tell }) }];
      const drop = Object.assign(new Event('drop'), { dataTransfer: { types: ['Files'], items } });
      document.querySelector('#data-card')!.dispatchEvent(drop);
    });
    await page.click('#go');
    await until('Training: search');
    await page.evaluate(() => (globalThis as unknown as { tell(): void }).tell());
    await page.workers()[0].evaluate(() => (globalThis as unknown as { fake: Fake }).fake.turn(3));
    await expect.poll(() => page.textContent('#plan')).toMatch(/^epoch 0\.4 of 3 /);
    expect(await page.textContent('#state')).toBe('Training: search');

    await page.evaluate(() => {
      const folder = Object.assign(new File([], 'nets'), { arrayBuffer: () => Promise.reject(new Error('not found')) });
      const drop = Object.assign(new Event('drop'), { dataTransfer: { files: [folder] } });
      document.querySelector('#files .drop')!.dispatchEvent(drop);
    });
    await expect
      .poll(() => page.textContent('#files [role=status]'))
      .toBe('nets cannot be read: choose a .safetensors file, which is still where it was.');
    expect(errors).toEqual([]);
    await close();
  });
});
