// The set-up's decisions, as pure functions: what is installed, for whom, and what is left alone. The scripts are plain JavaScript, hence the types here.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Plan {
  source: string | undefined;
  install: string[];
}
interface SetupModules {
  firstMissingPackage(lock: unknown, installed: unknown): string | undefined;
  parseOsRelease(text: string): Record<string, string>;
  mesaPlan(os: Record<string, string>, sources: string): Plan | undefined;
  planAsCommand(plan: Plan): string;
  diagnose(stderr: string): { kind: 'none' | 'old' | 'other'; reason: string };
  browserPlan(os: Record<string, string>, env?: NodeJS.ProcessEnv): { install?: string[]; advice: string };
  findBrowser(env?: NodeJS.ProcessEnv): string | undefined;
}
const load = (name: string): Promise<SetupModules> => import(new URL(`../${name}`, import.meta.url).href);
const { firstMissingPackage } = await load('setup.mjs');
const { browserPlan, findBrowser } = await load('setup-browser.mjs');
const { diagnose, mesaPlan, parseOsRelease, planAsCommand } = await load('setup-adapter.mjs');

const bookworm =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const trixie = 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n';
const backported = ['install', '-y', '--no-install-recommends', '-t', 'bookworm-backports', 'mesa-vulkan-drivers'];
const plain = ['install', '-y', '--no-install-recommends', 'mesa-vulkan-drivers'];

describe('packages', () => {
  const lock = {
    packages: {
      '': { version: '1.0.0' },
      'node_modules/a': { version: '1.2.3' },
      'node_modules/win': { version: '2.0.0', optional: true },
    },
  };
  it('are complete when every needed one is there in its version', () => {
    expect(firstMissingPackage(lock, { packages: { 'node_modules/a': { version: '1.2.3' } } })).toBeUndefined();
  });
  it('are incomplete when one is missing, or node_modules as a whole', () => {
    expect(firstMissingPackage(lock, { packages: {} })).toBe('node_modules/a');
  });
  it('are incomplete when one has another version, an optional one too', () => {
    expect(firstMissingPackage(lock, { packages: { 'node_modules/a': { version: '1.2.4' } } })).toBe('node_modules/a');
    const other = { 'node_modules/a': { version: '1.2.3' }, 'node_modules/win': { version: '1.0.0' } };
    expect(firstMissingPackage(lock, { packages: other })).toBe('node_modules/win');
  });
});

describe('the plan for Mesa', () => {
  const plan = (os: string, sources = ''): Plan | undefined => mesaPlan(parseOsRelease(os), sources);

  it('reads os-release with and without quotes', () => {
    expect(parseOsRelease(bookworm)).toEqual({
      PRETTY_NAME: 'Debian GNU/Linux 12 (bookworm)',
      ID: 'debian',
      VERSION_ID: '12',
      VERSION_CODENAME: 'bookworm',
    });
  });
  it('takes Debian 12 from backports, which it adds', () => {
    expect(plan(bookworm)).toEqual({
      source: 'deb http://deb.debian.org/debian bookworm-backports main',
      install: backported,
    });
  });
  it('adds backports from the mirror in use, in either form of an apt source', () => {
    const list = 'deb https://mirror.example/debian/ bookworm main\n';
    const deb822 = 'Types: deb\nURIs: https://mirror.example/debian\nSuites: bookworm bookworm-updates\n';
    for (const sources of [list, deb822]) {
      expect(plan(bookworm, sources)?.source).toBe('deb https://mirror.example/debian bookworm-backports main');
    }
  });
  it('does not add backports twice, and is not misled by a comment', () => {
    expect(plan(bookworm, 'deb http://deb.debian.org/debian bookworm-backports main\n')?.source).toBeUndefined();
    expect(plan(bookworm, '# deb http://old.example/debian bookworm-backports main\n')?.source).toBe(
      'deb http://deb.debian.org/debian bookworm-backports main',
    );
  });
  it('takes the plain package on Debian 13, Ubuntu and their children', () => {
    const mint = 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\n';
    for (const os of [trixie, 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n', mint]) {
      expect(plan(os)).toEqual({ source: undefined, install: plain });
    }
  });
  it('has none for other systems', () => {
    expect(plan('ID=fedora\nVERSION_ID=44\n')).toBeUndefined();
  });
  it('can be pasted as one command', () => {
    expect(planAsCommand(plan(bookworm)!)).toBe(
      "echo 'deb http://deb.debian.org/debian bookworm-backports main' | sudo tee /etc/apt/sources.list.d/astrogpu-backports.list" +
        ' && sudo apt-get update && sudo apt-get install -y --no-install-recommends -t bookworm-backports mesa-vulkan-drivers',
    );
    expect(planAsCommand(plan(trixie)!)).toBe(
      'sudo apt-get update && sudo apt-get install -y --no-install-recommends mesa-vulkan-drivers',
    );
  });
});

describe('the diagnosis', () => {
  const harmless =
    'Warning: maxDynamicStorageBuffersPerPipelineLayout artificially reduced from 1000000 to 16\nerror: XDG_RUNTIME_DIR is invalid or not set in the environment.\n';

  it.each([
    ['no loader', "Warning: Couldn't load Vulkan: libvulkan.so.1", 'none'],
    ['no driver', 'Warning: vkCreateInstance: Found no drivers!', 'none'],
    ['no device and not a word', harmless, 'none'],
    ['an old Mesa', 'Vulkan shaderUniform*ArrayDynamicIndexing required.', 'old'],
    ['an old glibc', "Error: /lib/libc.so.6: version `GLIBC_2.34' not found", 'other'],
    ['a driver that fails in its own way', `${harmless}Warning: VK_ERROR_INITIALIZATION_FAILED`, 'other'],
  ])('knows %s', (_, stderr, kind) => {
    expect(diagnose(stderr).kind).toBe(kind);
  });
  it('passes on a reason that it does not know', () => {
    expect(diagnose(`${harmless}something new\nat line 3`).reason).toBe('something new');
  });
});

describe('the browser for tests', () => {
  it('is the one that $CHROME_PATH names, and no other where that names none', () => {
    expect(findBrowser({ CHROME_PATH: process.execPath })).toBe(process.execPath);
    expect(findBrowser({ ...process.env, CHROME_PATH: '/nowhere/chromium' })).toBeUndefined();
  });
  it('is else the first on the PATH, and missing where there is none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'astrogpu-browser-'));
    try {
      expect(findBrowser({ PATH: folder })).toBeUndefined();
      const names = ['google-chrome', 'chromium'].map((name) => join(folder, name));
      for (const name of names) writeFileSync(name, '', { mode: 0o755 });
      expect(findBrowser({ PATH: `/nowhere:${folder}` })).toBe(names[1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it("is Debian's package, and advice elsewhere", () => {
    const install = ['install', '-y', '--no-install-recommends', 'chromium'];
    for (const os of [bookworm, trixie]) expect(browserPlan(parseOsRelease(os), {}).install).toEqual(install);
    const ubuntu = browserPlan(parseOsRelease('ID=ubuntu\nID_LIKE=debian\n'), {});
    expect(ubuntu).toEqual({ advice: expect.stringContaining('snap install chromium') });
    expect(browserPlan(parseOsRelease('ID=fedora\n'), {})).toEqual({ advice: expect.stringContaining('$CHROME_PATH') });
    expect(browserPlan(parseOsRelease(trixie), { CHROME_PATH: '/nowhere' })).toEqual({
      advice: '$CHROME_PATH names no program (/nowhere); correct it or unset it',
    });
  });
});
