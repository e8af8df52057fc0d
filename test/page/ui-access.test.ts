// The page for who has no mouse or does not see it: every control has a name and is reached by Tab with a focus that shows, networks go to files and back by keys, and what is read
// aloud of a training is little.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER, openTab, type Tab } from '../support/browser.ts';
import { pageWithFake } from '../support/page.ts';
import type { Fake } from './fake-trainer.ts';

describe.skipIf(!HAS_BROWSER)('without mouse or sight', () => {
  let tab: Tab;
  beforeAll(async () => {
    tab = await openTab(pageWithFake(), { reducedMotion: 'reduce' });
    await tab.page.getByText('Ready', { exact: true }).waitFor();
  }, 60_000);
  afterAll(() => tab?.close());

  const until = (state: RegExp) =>
    expect.poll(() => tab.page.textContent('#state'), { timeout: 20_000 }).toMatch(state);
  const turn = (times: number) =>
    tab.page.workers()[0].evaluate((times) => (globalThis as unknown as { fake: Fake }).fake.turn(times), times);

  /** Presses Tab until something has the focus that fits. */
  async function tabTo(selector: string): Promise<void> {
    await tab.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    for (let i = 0; i < 80; i++) {
      await tab.page.keyboard.press('Tab');
      if (await tab.page.evaluate((selector) => document.activeElement!.matches(selector), selector)) return;
    }
    throw new Error(`Tab does not come to ${selector}`);
  }

  it('says little of a training: where it stands, what came out, and nothing of each step', async () => {
    const { page } = tab;
    await page.evaluate(() => {
      const said: string[] = [];
      Object.assign(globalThis, { said });
      new MutationObserver((changes) => {
        const places = changes.map(({ target }) =>
          (target instanceof Element ? target : target.parentElement)?.closest(
            '[role=status],[role=alert],[aria-live]',
          ),
        );
        for (const place of new Set(places))
          if (place?.textContent && place.getAttribute('aria-live') !== 'off') said.push(place.textContent);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await tabTo('#go');
    await page.keyboard.press('Enter');
    await until(/^Training: search/);
    for (let i = 0; i < 30; i++) await turn(1);
    await until(/^Training: guide/);
    await turn(100);
    await until(/^Done/);
    await expect.poll(() => page.textContent('#said')).toMatch(/^AstroNet is right about/);
    const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
    expect(said.length).toBeGreaterThan(3);
    expect(said.length).toBeLessThan(15);
  });

  it('has a name for every control, and comes to it with a focus that shows', async () => {
    const { page } = tab;
    await page.getByText('More settings').click();
    const nameless = await page.locator('button, input, select, summary, a').evaluateAll((all) =>
      (all as HTMLInputElement[])
        .filter((one) => one.checkVisibility())
        .filter((one) => {
          const labels = [...(one.labels ?? [])].map((label) => label.textContent).join('');
          const own = one.matches('input, select') ? '' : one.textContent;
          return `${one.getAttribute('aria-label') ?? ''}${labels}${own}`.trim() === '';
        })
        .map((one) => one.outerHTML.slice(0, 80)),
    );
    expect(nameless).toEqual([]);

    const open = await page.locator('button, input, select, summary, a[href]').evaluateAll((all) => {
      const can = (all as HTMLInputElement[]).filter((one) => one.checkVisibility() && !one.matches(':disabled'));
      for (const [i, one] of can.entries()) one.dataset.met = String(i);
      // Of radio buttons Tab comes to the one that is chosen, and arrows to the others.
      return can.filter(({ type, checked }) => type !== 'radio' || checked).map(({ dataset }) => dataset.met!);
    });
    const met = new Set<string>();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab');
      const { which, outline } = await page.evaluate(() => {
        const one = document.activeElement as HTMLElement;
        const shown = one.matches('.choice input')
          ? one.nextElementSibling!
          : one.matches('.drop input')
            ? one.parentElement!
            : one;
        const outlines = [one, shown].map((at) => getComputedStyle(at).outlineStyle);
        return { which: one.dataset.met, outline: outlines.includes('solid') };
      });
      // Between the last of the page and its first there is the browser.
      if (which === undefined) continue;
      met.add(which);
      expect({ which, outline }).toEqual({ which, outline: true });
    }
    expect(open.filter((which) => !met.has(which))).toEqual([]);
  });

  it('saves a network by keys, and loads one', async () => {
    const { page } = tab;
    await tabTo('#files button');
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(file.suggestedFilename()).toBe('trained.safetensors');
    // Asked for before the keys, so that Chromium knows of it when they come.
    const chooser = page.waitForEvent('filechooser');
    await tabTo('#files input');
    await page.keyboard.press('Space');
    await (await chooser).setFiles({ name: 'mine.safetensors', mimeType: '', buffer: Buffer.from('weights') });
    await expect.poll(() => page.textContent('#files [role=status]')).toMatch(/^mine\.safetensors is a resnet-small/);
    await tabTo('#reset');
    await page.keyboard.press('Enter');
    await until(/^Ready/);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('go');
    expect(tab.errors).toEqual([]);
  });
});
