// The training step beside the peers' in one page of a browser: as they are meant to be used, and on the adapter that pages get. SwiftShader, which Chromium brings along, is the same on every machine.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AdapterSummary, AstroError } from 'astrogpu/gpu';
import { installedVersion } from '../common/versions.ts';
import type { ComparisonRow } from './measure.ts';
import type { PeerName } from './options.ts';

/** What the page is to measure. */
export interface Wanted {
  peers: PeerName[];
  model: string;
  batch: number;
  rounds: number;
  jaxVersion: string;
}

export interface Measured {
  adapter: AdapterSummary;
  versions: Record<string, string>;
  /** What peers said that could not do the step here. */
  failed: Partial<Record<PeerName, string>>;
  row: ComparisonRow;
}

/** An address that needs no server: what is asked there is answered here. Browsers take it for secure, as WebGPU needs it. */
const PAGE = 'https://page.test/';
const FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--disable-background-networking'];

/** Measures in a headless browser. Throws AstroError where none is found, or a package is not installed. */
export async function inBrowser(wanted: Omit<Wanted, 'jaxVersion'>): Promise<Measured & { browser: string }> {
  const { findBrowser } = await import(new URL('../../setup-browser.mjs', import.meta.url).href);
  const executablePath: string | undefined = findBrowser();
  if (!executablePath)
    throw new AstroError('no browser was found: install Chromium or Google Chrome, or name one by $CHROME_PATH');
  const { chromium } = await import('playwright-core').catch(() => {
    throw new AstroError('playwright-core is not installed: run npm ci --include=dev');
  });
  const script = await bundle();
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.route(`${PAGE}**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>peers</title>' }),
    );
    await page.goto(PAGE);
    await page.addScriptTag({ content: script, type: 'module' });
    await page.waitForFunction('globalThis.measure');
    const given: Wanted = { ...wanted, jaxVersion: installedVersion('@jax-js/jax') };
    const measured = await page.evaluate(
      (given) => (globalThis as unknown as { measure(given: Wanted): Promise<Measured> }).measure(given),
      given,
    );
    return { ...measured, browser: `Chromium ${browser.version()}` };
  } finally {
    await browser.close();
  }
}

/** entry.ts with all that it uses. */
async function bundle(): Promise<string> {
  const { build } = await import('esbuild').catch(() => {
    throw new AstroError('esbuild is not installed: run npm ci --include=dev');
  });
  const { outputFiles } = await build({
    absWorkingDir: dirname(fileURLToPath(import.meta.url)),
    entryPoints: ['entry.ts'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // In place of tsconfig.json, whose paths would lead past the package to its sources.
    tsconfigRaw: { compilerOptions: { target: 'es2022' } },
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].text;
}
