// The page as a person uses it, over a worker that makes its numbers up: what appears when, what the buttons do, by mouse and by keyboard, and what it says when something fails.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Call } from '../../page/client.ts';
import type { Settings } from '../../page/protocol.ts';
import { HAS_BROWSER, openTab, type Tab } from '../support/browser.ts';
import { pageWithFake } from '../support/page.ts';
import type { Fake, FakeOptions } from './fake-trainer.ts';

describe.skipIf(!HAS_BROWSER)('the page', () => {
  const tabs: Tab[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'astrogpu-page-'));
  let usual: Tab | undefined;
  /** The page over another fake in a tab of its own; the usual one always in the same, anew. */
  const open = async (fake?: FakeOptions): Promise<Tab> => {
    const tab = (fake ? undefined : usual) ?? (await openTab(pageWithFake(fake), { reducedMotion: 'reduce' }));
    if (tab === usual) await tab.page.reload();
    else tabs.push(tab);
    if (!fake) usual = tab;
    return tab;
  };
  afterAll(async () => {
    await Promise.all(tabs.map((tab) => tab.close()));
    rmSync(folder, { recursive: true });
  });

  const stateOf = ({ page }: Tab): Promise<string | null> => page.textContent('#state');
  const until = (tab: Tab, state: string | RegExp) =>
    expect.poll(() => stateOf(tab), { timeout: 20_000 }).toMatch(state);
  /** Whether something can be pressed. */
  const ready = ({ page }: Tab, id: string) =>
    page
      .locator(id)
      .first()
      .evaluate((one: HTMLButtonElement) => !one.disabled && !one.ariaDisabled);

  /** Turns of all arms, of which an epoch has eight. */
  const turn = ({ page }: Tab, times: number) =>
    page.workers()[0].evaluate((times) => (globalThis as unknown as { fake: Fake }).fake.turn(times), times);

  it('trains by one button: curves, maps and the result come, and it pauses, goes on and is reset', async () => {
    const tab = await open();
    const { page, errors } = tab;
    const label = () => page.textContent('#go');
    await until(tab, 'Ready');
    expect(await page.textContent('#plan')).toBe(
      'resnet-small, 2,000 images, 6 epochs: plain network, largest weights, AstroNet',
    );
    expect(await page.locator('.samples canvas').count()).toBe(20);
    expect([await ready(tab, '#go'), await ready(tab, '#reset')]).toEqual([true, false]);

    await page.click('#go');
    await until(tab, 'Training: search');
    expect([await label(), await ready(tab, '#reset')]).toEqual(['Pause', true]);
    await turn(tab, 12);
    await page.click('#go');
    await until(tab, 'Paused');
    expect(await label()).toBe('Resume');
    await expect.poll(() => page.textContent('#plan')).toMatch(/^epoch 1\.5 of 3 · [\d,]+ images\/s$/);
    expect(await page.locator('#done').evaluate((one: HTMLProgressElement) => one.value)).toBeCloseTo(12 / 72);
    expect(await page.locator('#settings select').first().isDisabled()).toBe(true);

    await page.click('#go');
    await until(tab, 'Training: search');
    await turn(tab, 13);
    await until(tab, 'Training: guide');
    await turn(tab, 100);
    await until(tab, 'Done');
    expect([await label(), await ready(tab, '#reset')]).toEqual(['Train again', true]);
    expect(await page.textContent('#result-text p')).toMatch(
      /^AstroNet is right about [\d.]+.% of 1,000 test images, with 50.% of the network's parameters and 60.% of its operations\.$/,
    );
    expect(await page.locator('#arms tbody tr').count()).toBe(3);
    expect(await page.locator('#arms tbody td').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\d\d\.\d.%$/), '50\u00a0%']),
    );
    // Each is drawn: a map in many colors, a chart with lines that are not the grid's gray.
    const colors = (selector: string) =>
      page.locator(selector).evaluateAll((all) =>
        (all as HTMLCanvasElement[]).map((canvas) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        }),
      );
    expect(await colors('.maps canvas')).toHaveLength(10);
    expect(Math.min(...(await colors('.maps canvas')))).toBeGreaterThan(8);
    expect(await page.locator('.u-wrap canvas').count()).toBe(3);
    expect(Math.min(...(await colors('.u-wrap canvas')))).toBeGreaterThan(20);
    expect(await page.getAttribute('#curves [role=img]', 'aria-label')).toMatch(
      /plain network [\d.]+, .*AstroNet [\d.]+\.$/,
    );
    // The legend has the newest values, or those under the pointer.
    const legend = () => page.textContent('#curves .legend');
    const newest = await legend();
    await page
      .locator('#curves .u-over')
      .first()
      .hover({ position: { x: 60, y: 60 } });
    await expect.poll(legend).not.toBe(newest);
    await page.mouse.move(0, 0);
    await expect.poll(legend).toBe(newest);

    await page.locator('#looks').scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator('.look-row:last-of-type canvas').count()).toBe(8);
    expect(await page.getAttribute('.look-row:last-of-type canvas', 'aria-label')).toMatch(
      /^Test image 0, disc: AstroNet takes it for (ring|disc), \d+.%. For \w+ it looks at the [\w ]+\.$/,
    );
    await page.click('text=Time a step');
    await expect.poll(() => page.locator('#kernels tbody tr').count()).toBe(5);

    await page.click('#reset');
    await until(tab, 'Ready');
    expect([await page.isVisible('#live'), await page.isVisible('#outline'), await label()]).toEqual([
      false,
      true,
      'Start training',
    ]);
    expect(errors).toEqual([]);
  });

  it('saves a network, and loads one', async () => {
    const tab = await open();
    const { page, errors } = tab;
    await until(tab, 'Ready');
    await page.click('#go');
    await until(tab, 'Training');
    await turn(tab, 100);
    await until(tab, 'Done');
    for (const [button, name] of [
      ['safetensors', 'trained.safetensors'],
      ['ONNX', 'trained.onnx'],
    ] as const) {
      const [file] = await Promise.all([page.waitForEvent('download'), page.click(`text=Save as ${button}`)]);
      expect(file.suggestedFilename()).toBe(name);
    }
    const again: string[] = [];
    page.on('download', (file) => again.push(file.suggestedFilename()));
    // Of two clicks in a row the second comes while it is at work.
    await page.locator('text=Save as ONNX').evaluate((button: HTMLButtonElement) => {
      button.click();
      button.click();
    });
    await expect.poll(() => again).toContain('trained.onnx');
    await page.setInputFiles('#files input', {
      name: 'mine.safetensors',
      mimeType: '',
      buffer: Buffer.from('weights'),
    });
    await expect
      .poll(() => page.textContent('#files [role=status]'))
      .toMatch(
        /^mine\.safetensors is a resnet-small with 78,042 parameters and 10 classes\. It is right about 88\.0.% /,
      );
    // It stays when a training begins, and is looked at beside the others.
    await page.click('#go');
    await until(tab, 'Training');
    await page.locator('#looks').scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator('.look-row:last-of-type canvas').count()).toBe(8);
    expect(await page.textContent('.look-row:last-of-type h3')).toMatch(/^Network from a file/);
    expect(again).toHaveLength(1);
    expect(await page.locator('#files select').inputValue()).toBe('trained');
    expect(await ready(tab, '#files button')).toBe(false);
    await page.selectOption('#files select', 'loaded');
    expect(await ready(tab, '#files button')).toBe(true);
    expect(errors).toEqual([]);
  });

  it('learns from a folder and from CIFAR-10, and says what is left out', async () => {
    mkdirSync(join(folder, 'pets/cats'), { recursive: true });
    writeFileSync(join(folder, 'pets/cats/a.png'), 'a');
    const tab = await open();
    const { page, errors } = tab;
    await until(tab, 'Ready');
    await page.click('[value=folder]');
    await page.setInputFiles('#folder-files', join(folder, 'pets'));
    await expect
      .poll(() => page.textContent('#data-summary'))
      .toMatch(/^Images of a folder10,000 training and 2,000 test images, 32 × 32, 10 classes\.1 file is left out/);
    await page.click('[value=cifar10]');
    await page.setInputFiles('#cifar10-files', { name: 'data_batch_1.bin', mimeType: '', buffer: Buffer.from('a') });
    await expect.poll(() => page.textContent('#data-summary')).toMatch(/^CIFAR-10/);
    expect(await stateOf(tab)).toBe('Ready');
    expect(errors).toEqual([]);
  });

  it('goes by the keyboard alone, with a focus that shows', async () => {
    const tab = await open();
    const { page } = tab;
    await until(tab, 'Ready');
    const focused = () =>
      page.evaluate(() => {
        const one = document.activeElement as HTMLElement;
        const shown = one.matches('.choice input') ? one.nextElementSibling! : one;
        return {
          id: one.id || (one as HTMLInputElement).name || one.tagName,
          outline: getComputedStyle(shown).outlineStyle,
        };
      });
    await page.keyboard.press('Tab');
    expect(await focused()).toEqual({ id: 'go', outline: 'solid' });
    // All that there is, until the focus leaves the page.
    const met: string[] = [];
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      const { id, outline } = await focused();
      if (id === 'BODY') break;
      met.push(id);
      expect([id, outline]).toEqual([id, 'solid']);
    }
    expect(met).toEqual(
      expect.arrayContaining([
        'kind',
        'set-recipe',
        'set-model',
        'set-an',
        'set-keep',
        'set-epochs',
        'arms',
        'SUMMARY',
        'INPUT',
      ]),
    );

    await page.locator('#go').focus();
    await page.keyboard.press('Enter');
    await until(tab, 'Training: search');
    await page.keyboard.press('Space');
    await until(tab, 'Paused');
    await page.keyboard.press('Enter');
    await until(tab, 'Training: search');
    await turn(tab, 30);
    await until(tab, 'Training: guide');
    // The other phase, by the arrow keys.
    await page.locator('#phase :checked').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('#phase :checked').getAttribute('value')).toBe('search');
    await expect.poll(() => page.textContent('#curves .legend')).toMatch(/^network/);
    await page.locator('#go').focus();
    await page.keyboard.press('Tab');
    expect((await focused()).id).toBe('reset');
    await page.keyboard.press('Enter');
    await until(tab, 'Ready');
    expect((await focused()).id).toBe('go');
  });

  it('trains by what was set', async () => {
    const tab = await open();
    const { page } = tab;
    await until(tab, 'Ready');
    await page.getByText('More settings').click();
    expect(await page.inputValue('#set-noAugment')).toBe('false');
    // No choice is cut short by its field.
    const cut = await page.locator('#settings select').evaluateAll((all) =>
      (all as HTMLSelectElement[]).flatMap((select) => {
        const style = getComputedStyle(select);
        const context = document.createElement('canvas').getContext('2d')!;
        context.font = style.font;
        const arrow = 20;
        const room = select.clientWidth - Number.parseFloat(style.paddingLeft) - arrow;
        return [...select.options].map(({ text }) => text).filter((text) => context.measureText(text).width > room);
      }),
    );
    expect(cut).toEqual([]);
    await page.selectOption('#set-noAugment', 'as they are');
    await page.fill('#set-keep', '30');
    await page.fill('#set-seed', '5');
    await page.uncheck('[value=magnitude]');
    await page.click('#go');
    await until(tab, 'Training: search');
    const begun = await page
      .workers()[0]
      .evaluate(() => (globalThis as unknown as { fake: Fake }).fake.settings() as Settings);
    const { model, epochs } = begun;
    expect(begun).toMatchObject({
      noAugment: true,
      keep: 0.3,
      seed: 5,
      arms: ['plain', 'trained'],
      recipe: 'astrogpu',
    });
    expect([model, epochs]).toEqual(['resnet-small', 6]);
  });

  it('says what to do without a GPU, and tries again', async () => {
    const tab = await open({ adapter: 'none' });
    const { page } = tab;
    await until(tab, 'This browser gives no GPU to pages');
    expect(await page.textContent('#notices')).toMatch(/^This browser has no WebGPU\. Chrome and Edge have it/);
    expect(await ready(tab, '#go')).toBe(false);
    await page.click('#go', { force: true });
    expect(await page.isVisible('#live')).toBe(false);
    await page.evaluate(() => {
      document.querySelector('#state')!.textContent = '';
    });
    await page.click('text=Try again');
    await until(tab, 'This browser gives no GPU to pages');
    expect(tab.errors).toEqual([]);
  });

  it('works on a processor with a word on it, says why a training did not start, and goes on after the GPU was lost', async () => {
    const failing = { start: 'the batch of 50 is larger than the set', profile: 'not now' };
    const slow = await open({ adapter: 'software', failing });
    await until(slow, 'Ready');
    expect(await slow.page.textContent('#notices')).toMatch(/^This browser found no GPU/);
    expect(await slow.page.textContent('#machine')).toBe(
      'on your machine’s processor (SwiftShader), for want of a GPU',
    );
    await slow.page.click('#go');
    await expect.poll(() => slow.page.textContent('[role=alert]')).toMatch(failing.start);
    await until(slow, 'Ready');
    await slow.page.fill('#set-epochs', '0');
    await slow.page.click('#go');
    expect(await slow.page.evaluate(() => document.activeElement!.id)).toBe('set-epochs');

    const tab = await open();
    await until(tab, 'Ready');
    await tab.page.click('#go');
    await until(tab, 'Training: search');
    await tab.page.evaluate(() => (globalThis as unknown as { astronet: { call: Call } }).astronet.call('loseDevice'));
    await until(tab, 'The GPU was lost');
    expect(await ready(tab, '#go')).toBe(false);
    await tab.page.workers()[0].evaluate(() => (globalThis as unknown as { fake: Fake }).fake.findDevice());
    await until(tab, /^Training/);
    expect(await ready(tab, '#go')).toBe(true);
    await expect.poll(() => tab.page.textContent('#notices')).toMatch('The GPU was lost and is back');

    await turn(tab, 30);
    await until(tab, 'Training: guide');
    await tab.page.workers()[0].evaluate(() => (globalThis as unknown as { fake: Fake }).fake.fail('out of memory'));
    await until(tab, 'Ready');
    expect(await tab.page.textContent('[role=alert]')).toMatch('The training ended: out of memory');
    const shown = ['#curves', '#looks-card', '#result', '#files .tools'].map((id) => tab.page.isVisible(id));
    expect(await Promise.all(shown)).toEqual([true, false, false, false]);
    expect(await tab.page.textContent('#go')).toBe('Start training');
    expect(tab.errors).toEqual([]);
  });
});
