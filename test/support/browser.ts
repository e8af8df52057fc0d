// A headless Chromium with SwiftShader behind its WebGPU, so that pages do the same on every machine; and what a page said while a test used it. Where set-up found no browser,
// tests skip by HAS_BROWSER; one that is there and does not start fails them.
import { chromium, type Page } from 'playwright-core';
import { type Files, serve } from '../../page/tools/server.ts';

const { findBrowser }: { findBrowser(): string | undefined } = await import(
  new URL('../../setup-browser.mjs', import.meta.url).href
);
const executablePath = findBrowser();

export const HAS_BROWSER = executablePath !== undefined;

/** No call home: a test needs no network. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];
/** Chromium on Linux gives no WebGPU without the first, and with the first alone whichever adapter comes first. */
const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
/** A name that leads to this machine and that browsers do not take for secure: without WebGPU there. */
const INSECURE = 'insecure.test';

export interface TabOptions {
  /** In CSS pixels; default 1280×800. */
  width?: number;
  height?: number;
  /** `no adapter`: navigator.gpu finds none. `none`: there is no navigator.gpu, as where a page is not secure. Default `software`. */
  webgpu?: 'software' | 'no adapter' | 'none';
  colorScheme?: 'light' | 'dark';
  reducedMotion?: 'reduce' | 'no-preference';
  /** What is opened, default index.html. */
  path?: string;
}

export interface Tab {
  page: Page;
  /** With a slash at its end: where the files are. */
  url: string;
  /** Errors of the console, of the page and of its workers, and requests that failed, as they came. */
  errors: string[];
  warnings: string[];
  close(): Promise<void>;
}

/** Serves the files and opens them in a browser of its own, which `close` ends. */
export async function openTab(files: Files, options: TabOptions = {}): Promise<Tab> {
  const { width = 1280, height = 800, webgpu = 'software', path = '', colorScheme, reducedMotion } = options;
  const server = await serve(files);
  const args = [...QUIET, `--host-resolver-rules=MAP ${INSECURE} 127.0.0.1`];
  if (webgpu === 'software') args.push(...SOFTWARE_WEBGPU);
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion });
  const url = webgpu === 'none' ? server.url.replace('127.0.0.1', INSECURE) : server.url;
  const tab: Tab = {
    page,
    url,
    errors: [],
    warnings: [],
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
  listen(tab);
  await page.goto(url + path);
  return tab;
}

function listen({ page, errors, warnings }: Tab): void {
  page.on('console', (message) => {
    const { url, lineNumber } = message.location();
    const said = `${message.text()} (${url}:${lineNumber + 1})`;
    if (message.type() === 'error') errors.push(said);
    if (message.type() === 'warning') warnings.push(said);
  });
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('requestfailed', (request) => errors.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('crash', () => errors.push('the page crashed'));
}
