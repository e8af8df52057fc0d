// The README's training loop, run as it is printed, against the built package. It loads CIFAR-10, so without the real set it would download it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CIFAR10_NEEDED, hasCifar10 } from './support/cifar10.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

it.skipIf(!hasCifar10)(
  `the training loop of the README runs and learns ${CIFAR10_NEEDED}`,
  { timeout: 120_000 },
  () => {
    expect(existsSync(`${root}dist/index.js`), 'the package is not built: run npm run build').toBe(true);
    const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, 'utf8'))!;
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(17);
    const file = `${root}dist/readme-example.mjs`;
    writeFileSync(file, code);
    try {
      const out = execFileSync(process.execPath, [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const [, loss] = /^loss ([\d.]+)$/m.exec(out)!;
      // Chance is ln 10 = 2.30; eighty steps bring it well below that.
      expect(Number(loss)).toBeLessThan(2.1);
    } finally {
      rmSync(file, { force: true });
    }
  },
);
