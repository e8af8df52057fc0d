// The page as a host serves it, with its worker, in Chromium: a small training by the page's own controls, stopped, robbed of its device and saved; and the same one in Node.
// SwiftShader needs seconds for a step, so that one training is what all tests here look at: of an arm with gates that needs no search.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Calls, Settings, TrainerEvent } from '../../page/protocol.ts';
import { buildPage } from '../../page/tools/build.ts';
import { filesIn } from '../../page/tools/server.ts';
import { writePage } from '../../page/tools/write.ts';
import { testTrainer } from '../page/trainers.ts';
import { HAS_BROWSER, openTab, type Tab, type TabOptions } from '../support/browser.ts';

/** Milliseconds to wait for one thing, and for all of a training: far more than they take, on a machine that does other things, too. */
const PATIENCE = 300_000;
const LONG = 900_000;
/** Beside these the page's own defaults. All images in each batch, so that each step's loss is lower. */
const FIELDS = { width: 100, epochs: 4, batch: 4, lr: 0.1, images: 4, testImages: 4, seed: 1 };
/** Of losses, relative: kernels that were chosen for another adapter add in another order, and what f32 rounds differently grows from step to step. Found in four steps: 1e-7. */
const SAME_LOSS = 1e-5;
const LOOKED_AT = [0, 1, 2, 3];

/** As a host may have it that serves more than this page. */
const PLACE = 'x/y/';
/** What is open until all is set up for the page. */
const BLANK = 'blank.html';
const BLANK_PAGE = new TextEncoder().encode('<!doctype html><title>-</title><link rel="icon" href="data:," />');

const folder = mkdtempSync(join(tmpdir(), 'astrogpu-page-'));
const tabs: Tab[] = [];

/** Opens the page as `npm run demo -- --build` writes it, from a folder of a host: what asked for a file elsewhere would be an error of the tab. What the worker says is kept in `seen`. */
async function openPage(options: TabOptions = {}): Promise<Tab> {
  const inFolder = filesIn(folder);
  const files = async (path: string) => (path.startsWith(PLACE) ? inFolder(path.slice(PLACE.length)) : undefined);
  const tab = await openTab(async (path) => (path === BLANK ? BLANK_PAGE : files(path)), { ...options, path: BLANK });
  tabs.push(tab);
  await tab.page.addInitScript(() => {
    const seen: TrainerEvent[] = [];
    const Worker_ = Worker;
    Object.assign(globalThis, {
      seen,
      Worker: class extends Worker_ {
        constructor(...given: ConstructorParameters<typeof Worker>) {
          super(...given);
          this.addEventListener('message', ({ data: { event, answer } }) => {
            if (event) seen.push({ ...event, layers: undefined });
            if (answer?.settings) Object.assign(globalThis, { settings: answer.settings });
          });
        }
      },
    });
  });
  await tab.page.goto(tab.url + PLACE);
  return tab;
}

const eventsOf = (page: Page): Promise<TrainerEvent[]> =>
  page.evaluate(() => (globalThis as unknown as { seen: TrainerEvent[] }).seen);

const call = <N extends keyof Calls>(page: Page, name: N, given: Calls[N][0]): Promise<Calls[N][1]> =>
  page.evaluate(([name, given]) => (globalThis as unknown as { astronet: { call: Ask } }).astronet.call(name, given), [
    name,
    given,
  ] as [string, unknown]);
type Ask = (name: string, given: unknown) => Promise<never>;

/** Mean losses of the epochs of an arm without a search: events come by the clock, and are of as many steps as had their time. */
function epochLosses(events: readonly TrainerEvent[]): Map<number, number> {
  const sums = new Map<number, { sum: number; steps: number; before: number }>();
  for (const event of events) {
    if (event.type !== 'progress') continue;
    const { epoch, step, loss } = event;
    const number = Math.ceil(epoch);
    const { sum, steps, before } = sums.get(number) ?? { sum: 0, steps: 0, before: sums.get(number - 1)?.before ?? 0 };
    sums.set(number, { sum: sum + loss * (step - before), steps: steps + step - before, before: step });
  }
  return new Map([...sums].map(([key, { sum, steps }]) => [key, sum / steps]));
}

/** Waits for what the large button says. */
const offers = (page: Page, action: string): Promise<unknown> =>
  page.getByRole('button', { name: action, exact: true, disabled: false }).waitFor({ timeout: PATIENCE });

/** Waits for an event that has these values. */
const until = (page: Page, wanted: Partial<TrainerEvent>): Promise<unknown> =>
  page.waitForFunction(
    (wanted) =>
      (globalThis as unknown as { seen: Record<string, unknown>[] }).seen.some((event) =>
        Object.entries(wanted).every(([key, value]) => event[key] === value),
      ),
    wanted as Record<string, string>,
    { timeout: PATIENCE },
  );

/** CPU milliseconds of the page's main thread in its longest tasks: the time on the clock is that of SwiftShader's threads, too, which take all cores. */
function longestTasks(trace: Buffer): number[] {
  const { traceEvents: events } = JSON.parse(trace.toString());
  const place = ({ pid, tid }: { pid: number; tid: number }): string => `${pid} ${tid}`;
  const main = new Set(
    events
      .filter((event: { name: string; args: { name?: string } }) => event.args?.name === 'CrRendererMain')
      .map(place),
  );
  const tasks = events.filter(
    (event: { name: string; pid: number; tid: number }) => event.name === 'RunTask' && main.has(place(event)),
  );
  return tasks
    .map(({ tdur }: { tdur: number }) => tdur / 1000)
    .sort((a: number, b: number) => b - a)
    .slice(0, 5);
}

afterAll(async () => {
  await Promise.all(tabs.map((tab) => tab.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!HAS_BROWSER)('the page', () => {
  beforeAll(async () => {
    rmSync(folder, { recursive: true });
    writePage(await buildPage(), folder);
  });

  describe('in a training', () => {
    let tab: Tab;
    let page: Page;
    let settings: Settings;
    let events: TrainerEvent[];
    let whilePaused: TrainerEvent[];
    let tasks: number[];
    const saved: { bytes?: Buffer; name?: string; logits?: Float32Array } = {};

    beforeAll(async () => {
      tab = await openPage();
      page = tab.page;
      await offers(page, 'Start training');
      await page.getByText('More settings').click();
      await page.getByLabel('A gate for').selectOption('filter');
      for (const [name, value] of Object.entries(FIELDS)) await page.locator(`[name=${name}]`).fill(String(value));
      await page.locator('[name=arms][value=magnitude]').check();
      for (const arm of ['plain', 'trained']) await page.locator(`[name=arms][value=${arm}]`).uncheck();
      const browser = page.context().browser()!;
      await browser.startTracing(page, { categories: ['-*', 'disabled-by-default-devtools.timeline'] });
      await page.getByRole('button', { name: 'Start training' }).click();

      await until(page, { type: 'progress' });
      await page.getByRole('button', { name: 'Pause' }).click();
      await offers(page, 'Resume');
      const before = (await eventsOf(page)).length;
      await page.waitForTimeout(1000);
      whilePaused = (await eventsOf(page)).slice(before);
      await page.getByRole('button', { name: 'Resume' }).click();

      await until(page, { type: 'epoch', phase: 'guide' });
      await call(page, 'loseDevice', {});
      await offers(page, 'Train again');
      tasks = longestTasks(await browser.stopTracing());
      events = await eventsOf(page);
      settings = await page.evaluate(() => (globalThis as unknown as { settings: Settings }).settings);

      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save as safetensors' }).click();
      const download = await coming;
      saved.name = download.suggestedFilename();
      saved.bytes = readFileSync(await download.path());
      const { logits } = await call(page, 'predict', { arm: 'magnitude', images: LOOKED_AT });
      saved.logits = Float32Array.from(Object.values(logits));
    }, LONG);

    it('has a loss that falls, and stands still while it is paused', () => {
      const losses = epochLosses(events);
      expect(losses.get(4)).toBeLessThan(losses.get(1)! / 1.2);
      expect(whilePaused).toEqual([]);
    });

    it('goes on after its device was lost', () => {
      const states = events.flatMap((event) => (event.type === 'state' ? [event.state] : []));
      expect(states).toEqual(['training', 'paused', 'training', 'lost', 'training', 'done']);
      const notes = events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
      expect(notes).toEqual([expect.stringMatching(/^The GPU was lost and is back; the training goes on from/)]);
    });

    it('never keeps the page from a frame', () => {
      expect(tasks[0]).toBeGreaterThan(0);
      expect(tasks[0]).toBeLessThan(50);
    });

    it('says nothing of errors, and asks for nothing that is not there', () => {
      expect(tab.errors).toEqual([]);
    });

    it(
      'gives what Node does of the same settings, and a network that Node reads',
      async () => {
        const trainer = testTrainer();
        const { call } = trainer;
        await call('open');
        await call('data', { kind: 'drawn' });
        const ends = trainer.state('done');
        await call('start', settings);
        await ends;
        const [here, there] = [epochLosses(trainer.events), epochLosses(events)];
        expect([...there.keys()]).toEqual([...here.keys()]);
        const gaps = [...here].map(([epoch, loss]) => Math.abs(there.get(epoch)! / loss - 1));
        expect(Math.max(...gaps)).toBeLessThan(SAME_LOSS);

        const bytes = new Uint8Array(saved.bytes!).buffer;
        await call('load', { name: saved.name!, bytes });
        const { logits } = await call('predict', { arm: 'loaded', images: LOOKED_AT });
        expect(saved.logits).toHaveLength(logits.length);
        const off = [...logits].map((logit, i) => Math.abs(logit - saved.logits![i]));
        expect(Math.max(...off)).toBeLessThan(1e-4);
        expect(Math.max(...logits.map(Math.abs))).toBeGreaterThan(0.1);
        await trainer.close();
      },
      PATIENCE,
    );
  });

  it.each([
    ['no adapter', /found no GPU for it.*chrome:\/\/gpu/],
    ['none', /secure pages alone.*localhost/],
  ] as const)('says what to do where there is %s', async (webgpu, advice) => {
    const { page, errors } = await openPage({ webgpu });
    await expect.poll(() => page.locator('#notices').textContent(), { timeout: 30_000 }).toMatch(advice);
    expect(await page.getByRole('button', { name: 'Start training' }).getAttribute('aria-disabled')).toBe('true');
    expect(errors).toEqual([]);
  });
});
