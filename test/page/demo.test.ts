// `npm run demo` behind its set-up: the page as files, which are written whole and over nothing but an earlier build, and what it says of wrong usage.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../page/tools/build.ts';
import { writePage } from '../../page/tools/write.ts';

const program = fileURLToPath(new URL('../../page/tools/demo.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'astrogpu-demo-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs it to its end; never to be served. */
const demo = (...args: string[]): Promise<{ code: number; out: string; said: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: home, timeout: 30_000 }, (error, out, said) =>
      resolve({ code: error ? Number(error.code) : 0, out, said }),
    );
  });

describe('the page as files', () => {
  it('has all that its files ask for, by relative addresses, and the licenses of what is inside', async () => {
    const files = await buildPage();
    const text = (name: string): string => Buffer.from(files.get(name)!).toString();
    const asked = [...text('index.html').matchAll(/\b(?:src|href)="([^"#:]+)"/g)].map(([, name]) => name);
    expect(asked.sort()).toEqual(['main.js', 'style.css']);
    for (const name of asked) expect([...files.keys()]).toContain(name);
    expect(text('main.js')).toContain('"./worker.js",import.meta.url');
    for (const [name, bytes] of files) {
      if (!name.endsWith('.js')) continue;
      for (const [, from] of Buffer.from(bytes)
        .toString()
        .matchAll(/(?:\bfrom|\bimport\(?)"(\.[^"]+)"/g))
        expect([...files.keys()]).toContain(new URL(from, `file:///${name}`).pathname.slice(1));
    }
    for (const name of ['astrogpu', 'valibot', 'uplot']) expect(text('LICENSES.txt')).toContain(name);
  });

  it('are written over an earlier build alone, with nothing left of that nor beside it', () => {
    const folder = join(home, 'site', 'page');
    const [one, other] = [new Uint8Array([1]), new Uint8Array([2])];
    writePage(
      new Map([
        ['a.js', one],
        ['chunks/b.js', one],
      ]),
      folder,
    );
    writePage(new Map([['a.js', other]]), folder);
    expect([...readFileSync(join(folder, 'a.js'))]).toEqual([2]);
    expect(readdirSync(folder).sort()).toEqual(['a.js', 'files.json']);
    expect(readdirSync(join(home, 'site'))).toEqual(['page']);
    writeFileSync(join(folder, 'mine.txt'), 'of somebody');
    expect(() => writePage(new Map([['a.js', one]]), folder)).toThrow(/with something else in it \(mine\.txt\)/);
    expect([...readFileSync(join(folder, 'a.js'))]).toEqual([2]);
  });

  it('are written where a link leads, and nowhere for a file or a link that leads nowhere', () => {
    const files = new Map([['chunks/a.js', new Uint8Array([1])]]);
    const [link, folder] = [join(home, 'public'), join(home, 'releases')];
    mkdirSync(folder);
    symlinkSync(folder, link, 'dir');
    for (let i = 0; i < 2; i++) writePage(files, link);
    expect(readdirSync(folder).sort()).toEqual(['chunks', 'files.json']);
    expect(readlinkSync(link)).toBe(folder);
    // A host's own link in it is what somebody else put there.
    symlinkSync('nowhere', join(folder, 'latest'));
    expect(() => writePage(files, link)).toThrow(
      /^\S+public is a build of the page with something else in it \(latest\): /,
    );
    for (const [path, reason] of [
      [join(folder, 'latest'), /latest is no folder: give a folder/],
      [join(folder, 'files.json'), /files\.json is no folder: give a folder/],
      [join(folder, 'files.json', 'x'), /x cannot be written \(ENOTDIR: .*\): give a folder/],
    ] as const)
      expect(() => writePage(files, path)).toThrow(reason);
  });

  it('leave the folder as it was where they cannot all be written', () => {
    const folder = join(home, 'whole');
    writePage(new Map([['a.js', new Uint8Array([1])]]), folder);
    const broken = new Map([
      ['a.js', new Uint8Array([2])],
      ['a.js/b.js', new Uint8Array([2])],
    ]);
    expect(() => writePage(broken, folder)).toThrow();
    expect([...readFileSync(join(folder, 'a.js'))]).toEqual([1]);
    expect(readdirSync(home)).not.toContainEqual(expect.stringMatching(/^\./));
  });
});

describe('the command', () => {
  it('writes a page, and says so in a line', async () => {
    const { code, out, said } = await demo('--build', 'written');
    expect([code, said]).toEqual([0, '']);
    expect(out).toMatch(/^written: the page, \d+ files, \d+ KB\. .*\n$/);
    expect(existsSync(join(home, 'written', 'worker.js'))).toBe(true);
  });

  it('refuses what cannot be, in a line', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    mkdirSync(join(home, 'full'));
    writeFileSync(join(home, 'full', 'cat.png'), '');
    const [help, strange, full, both, busy] = await Promise.all([
      demo('--help'),
      demo('--port', '70000'),
      demo('--build', 'full'),
      demo('--build', 'x', '--port', '1'),
      demo('--port', String(port)),
    ]);
    taken.close();
    expect(help.out).toMatch(/npm run demo -- \[options\].*--port N.*--build DIR/s);
    expect(strange).toMatchObject({ code: 2, said: expect.stringMatching(/^--port 70000: takes .*65535\n$/) });
    expect(full).toMatchObject({ code: 2, said: expect.stringMatching(/^--build full is not empty.*there yet\n$/) });
    expect(both).toMatchObject({ code: 2, said: expect.stringMatching(/^--port is for a page that is served.*\n$/) });
    expect(busy).toMatchObject({ code: 1, said: `port ${port} is taken: give another, or 0 for any that is free\n` });
    expect(existsSync(join(home, 'x'))).toBe(false);
  });
});
