// How a result's path is shown.
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { fromHere } from '../../src/cli/common/outputs.ts';

it('shows a path from where one is, and whole where that folder is gone', () => {
  const home = process.cwd();
  expect(fromHere(resolve('runs', 'a', 'report.html'))).toBe(join('runs', 'a', 'report.html'));
  const gone = mkdtempSync(join(tmpdir(), 'gone-'));
  process.chdir(gone);
  rmdirSync(gone);
  try {
    expect(fromHere('/runs/report.html')).toBe('/runs/report.html');
  } finally {
    process.chdir(home);
  }
});
