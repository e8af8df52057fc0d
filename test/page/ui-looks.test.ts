// How the page looks, measured: nothing wider than the screen, text that can be read in both color schemes, and no frame that is blocked while a training tells of itself.
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER, openTab, type Tab, type TabOptions } from '../support/browser.ts';
import { pageWithFake } from '../support/page.ts';
import type { Fake, FakeOptions } from './fake-trainer.ts';

/** Contrast of text that WCAG 2.2 asks for at level AA. */
const CONTRAST = 4.5;

/** What stands out of the screen at its right, by tag and text. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll('body *')].filter((one) => {
      const { right, width } = one.getBoundingClientRect();
      return width > 0 && right > wide + 0.5;
    });
    const whole = document.documentElement.scrollWidth > wide ? ['the page'] : [];
    return [...whole, ...out.map((one) => `${one.tagName} ${one.textContent?.slice(0, 30)}`)];
  });

/** Texts whose color is too near to what they stand on, with the contrast, and how many texts there are. */
const faint = (page: Page): Promise<{ faint: string[]; texts: number }> =>
  page.evaluate((least) => {
    const parse = (color: string) => color.match(/[\d.]+/g)!.map(Number);
    const luminance = ([r, g, b]: number[]) =>
      [r, g, b]
        .map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (from: Element): number[] => {
      for (let at: Element | null = from; at; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if ((color[3] ?? 1) === 1) return color;
      }
      return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set<string>();
    let texts = 0;
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent!.trim();
      const element = walker.currentNode.parentElement!;
      if (text === '' || !element.checkVisibility() || element.closest('.unseen, script, option')) continue;
      texts++;
      const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < least) found.add(`${text.slice(0, 30)}: ${contrast.toFixed(2)}`);
    }
    return { faint: [...found], texts };
  }, CONTRAST);

/**
 * Milliseconds of processor time that each task of the page's main thread took meanwhile. What PerformanceObserver calls a long task counts the time that other programs
 * took, which on a busy machine is most of it.
 */
async function tasksDuring(page: Page, act: () => Promise<unknown>): Promise<number[]> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await act();
  // What a task answers may come before its end, and a task that has no end when tracing stops has no time.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const placeOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const main = traceEvents
    .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .map(placeOf);
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && main.includes(placeOf(event)));
  return tasks.flatMap(({ tdur }) => (tdur === undefined ? [] : [tdur / 1000]));
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Processor time in microseconds. */
  tdur?: number;
  args: { name?: string };
}

/** Turns of all arms of the fake. */
const turn = (page: Page, times: number) =>
  page.workers()[0].evaluate((times) => (globalThis as unknown as { fake: Fake }).fake.turn(times), times);

describe.skipIf(!HAS_BROWSER)('the page', () => {
  const tabs: Tab[] = [];
  const open = async (fake: FakeOptions, options: TabOptions): Promise<Tab> => {
    tabs.push(await openTab(pageWithFake(fake), { reducedMotion: 'reduce', ...options }));
    return tabs.at(-1)!;
  };
  afterAll(() => Promise.all(tabs.map((tab) => tab.close())));
  const until = ({ page }: Tab, state: RegExp) =>
    expect.poll(() => page.textContent('#state'), { timeout: 20_000 }).toMatch(state);
  const unfold = (page: Page) =>
    page.evaluate(() => {
      for (const one of document.querySelectorAll('details')) one.open = true;
    });

  it('is never wider than a phone, and legible in both schemes, at the start, paused, done and in trouble', async () => {
    const tab = await open({ failing: { save: 'nothing can be saved now' } }, { width: 390, height: 844 });
    const { page, errors } = tab;
    const look = async (): Promise<void> => {
      await unfold(page);
      // What unfolds is drawn in the next frame.
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      expect(await overflowing(page)).toEqual([]);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { faint: unreadable, texts } = await faint(page);
        expect(texts).toBeGreaterThan(60);
        expect([colorScheme, unreadable]).toEqual([colorScheme, []]);
      }
    };
    await until(tab, /Ready/);
    await unfold(page);
    await page.click('[value=folder]');
    await look();
    await page.check('[value=random]');
    await page.click('#go');
    await until(tab, /Training/);
    await turn(page, 40);
    await page.click('#go');
    await until(tab, /Paused/);
    await look();
    await page.click('#go');
    await until(tab, /Training/);
    await turn(page, 100);
    await until(tab, /Done/);
    await page.locator('#looks').scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator('.look-row canvas').count()).toBe(40);
    await page.click('text=Time a step');
    await expect.poll(() => page.locator('#kernels tbody tr').count()).toBe(5);
    await page.click('text=Save as ONNX');
    await look();
    await page.setViewportSize({ width: 1280, height: 900 });
    await look();
    expect(errors).toEqual([]);
  });

  it('is so where there is no GPU, too', async () => {
    const tab = await open({ adapter: 'none' }, { width: 390, height: 844 });
    await until(tab, /no GPU/);
    expect(await overflowing(tab.page)).toEqual([]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.page.emulateMedia({ colorScheme });
      expect((await faint(tab.page)).faint).toEqual([]);
    }
  });

  it('blocks no frame for 50 ms, from the start to the result, while arms tell of themselves ten times as often as they will', async () => {
    const tab = await open({ interval: 25 }, {});
    const { page, errors } = tab;
    await until(tab, /Ready/);
    const tasks = await tasksDuring(page, async () => {
      await page.click('#go');
      await until(tab, /Done/);
      await page.locator('#looks').scrollIntoViewIfNeeded();
      await expect.poll(() => page.locator('.look-row canvas').count()).toBe(32);
    });
    expect(tasks.length).toBeGreaterThan(100);
    expect(Math.max(...tasks)).toBeLessThan(50);
    // The measure sees what blocks.
    const blocked = await tasksDuring(page, () =>
      page.evaluate(() => {
        let sum = 0;
        for (let i = 0; i < 3e8; i++) sum += i % 7;
        return sum;
      }),
    );
    expect(Math.max(...blocked)).toBeGreaterThan(50);
    expect(errors).toEqual([]);
  });
});
