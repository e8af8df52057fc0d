// The check of sizes measures what pages import, and fails for what is above its bounds.
import { expect, it } from 'vitest';

type Sizes = Record<'small' | 'all', number>;
interface Check {
  programs(exports: Record<string, { browser?: string | null }>): Record<'small' | 'all', string>;
  report(sizes: Sizes): { lines: string[]; ok: boolean };
}
const { programs, report }: Check = await import(new URL('../../checks/bundle-sizes.mjs', import.meta.url).href);

it('takes every entry that pages have, and no other', () => {
  const { small, all } = programs({
    '.': { browser: './a.js' },
    './gpu': { browser: './b.js' },
    './io': { browser: null },
  });
  expect(all).toBe("export * as face0 from 'astrogpu';\nexport * as face1 from 'astrogpu/gpu';\n");
  expect(small).toMatch(/^import \{ Gpu,.*conv2d,.*\} from 'astrogpu';\nconsole\.log\(Gpu,/);
});

it('says both sizes, and fails for either', () => {
  expect(report({ small: 50_000, all: 140_000 })).toMatchObject({ ok: true });
  expect(report({ small: 50_000, all: 140_000 }).lines[0]).toMatch(/a small network 50\.0 kB of at most \d+\.0 kB$/);
  expect(report({ small: 50_000, all: 900_000 })).toMatchObject({ ok: false });
  expect(report({ small: 200_000, all: 140_000 }).lines[0]).toMatch(/TOO LARGE$/);
});
