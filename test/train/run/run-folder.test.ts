// Run folders: never shared or overwritten, readable errors, and metrics that survive a kill in the middle of a line.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MetricRow } from '../../../src/report/types.ts';
import {
  appendMetrics,
  checkpointPath,
  keepNewestCheckpoints,
  metricsPath,
  newestCheckpoints,
  openRunFolder,
  RunFolderError,
  readMetrics,
  truncateMetrics,
  writeConfig,
} from '../../../src/train/run/run-folder.ts';
import { refusal } from '../../support/refusal.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const error = (action: () => unknown): string => refusal(RunFolderError, action);

describe('opening', () => {
  test('gives back the config, and touches nothing', () => {
    writeConfig(root, { model: 'tiny', T: 6 });
    writeFileSync(join(root, '.checkpoint-000000001.safetensors.4711-0a1b2c3d.tmp'), 'half');
    expect(openRunFolder(root)).toEqual({ model: 'tiny', T: 6 });
    expect(readdirSync(root)).toHaveLength(2);
  });

  test.each([
    [
      undefined,
      /^resume .* there is no config.json in it, so it is not a run folder, or of a run that was stopped before it began$/,
    ],
    ['{"model":', /config\.json: it is not JSON, or cut short/],
    ['[1]', /config\.json: its content is a list of 1; an object is wanted$/],
  ])('refuses config.json %j', (config, message) => {
    if (config !== undefined) writeFileSync(join(root, 'config.json'), config);
    expect(error(() => openRunFolder(root))).toMatch(message);
  });
});

describe('metrics', () => {
  const row = (step: number): MetricRow => ({ arm: 'a', phase: 'guide', epoch: 1, step, loss: 1 / step });
  const upTo = (step: number) => (candidate: MetricRow) => candidate.step <= step;

  test('are appended as lines and read back', () => {
    const path = metricsPath(root);
    expect(readMetrics(path)).toEqual([]);
    appendMetrics(path, row(1), row(2));
    appendMetrics(path);
    appendMetrics(path, row(3));
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
    expect(readMetrics(path)).toEqual([row(1), row(2), row(3)]);
  });

  test('killed at any byte and resumed, the file holds each row up to the checkpoint once', () => {
    const path = metricsPath(root);
    appendMetrics(path, ...[1, 2, 3, 4, 5].map(row));
    const whole = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(6), (cut, checkpoint) => {
        writeFileSync(path, whole.subarray(0, cut));
        const kept = truncateMetrics(path, upTo(checkpoint));
        expect(readMetrics(path)).toEqual(kept);
        expect(kept).toEqual([1, 2, 3, 4, 5].slice(0, kept.length).map(row));
        expect(kept.length).toBeLessThanOrEqual(checkpoint);
        appendMetrics(path, row(9));
        expect(readMetrics(path)).toEqual([...kept, row(9)]);
      }),
    );
  });

  test('are cut at the first row refused, and a missing file stays missing', () => {
    const path = metricsPath(root);
    expect(truncateMetrics(path, () => true)).toEqual([]);
    expect(existsSync(path)).toBe(false);
    appendMetrics(path, row(1), row(5), row(2));
    expect(truncateMetrics(path, upTo(2))).toEqual([row(1)]);
  });

  test('a damaged line in the middle is named', () => {
    const path = metricsPath(root);
    writeFileSync(path, `${JSON.stringify(row(1))}\n{"arm":\n${JSON.stringify(row(3))}\n`);
    expect(error(() => readMetrics(path))).toBe(
      `${path}, line 2: it is not JSON, or cut short (Unexpected end of JSON input); mend or remove that line`,
    );
    writeFileSync(path, '17\n');
    expect(error(() => truncateMetrics(path, () => true))).toBe(
      `${path}, line 1: its content is 17; an object is wanted; mend or remove that line`,
    );
    expect(readFileSync(path, 'utf8')).toBe('17\n');
    writeFileSync(path, '{"arm":"a","phase":"guide","epoch":1,"step":"2"}\n');
    expect(error(() => readMetrics(path))).toBe(
      `${path}, line 1: step is "2"; a number is wanted; mend or remove that line`,
    );
  });

  test('a torn last line is left out, also one that has its end, and one that is whole but for its end counts', () => {
    const path = metricsPath(root);
    const whole = `${JSON.stringify(row(1))}\n`;
    for (const torn of ['{"arm":', '{"arm":\n', '\0\0\0\0', '\n']) {
      writeFileSync(path, whole + torn);
      expect(readMetrics(path)).toEqual([row(1)]);
      expect(truncateMetrics(path, () => true)).toEqual([row(1)]);
      expect(readFileSync(path, 'utf8')).toBe(whole);
    }
    writeFileSync(path, whole + JSON.stringify(row(2)));
    expect(truncateMetrics(path, () => true)).toEqual([row(1), row(2)]);
    appendMetrics(path, row(3));
    expect(readMetrics(path)).toEqual([row(1), row(2), row(3)]);
  });

  test('a loss that was no number, which JSON has as null, is left out of its row', () => {
    const path = metricsPath(root);
    appendMetrics(path, { ...row(1), loss: Number.NaN });
    expect(readMetrics(path)).toEqual([{ arm: 'a', phase: 'guide', epoch: 1, step: 1 }]);
  });
});

describe('checkpoints', () => {
  test('the newest has the largest number, whatever lies beside it', () => {
    expect(newestCheckpoints(root)[0]).toBeUndefined();
    for (const updates of [90, 1_000_000_000, 1000]) writeFileSync(checkpointPath(root, updates), '');
    mkdirSync(join(root, 'curves'));
    for (const name of ['checkpoint-x.safetensors', '.checkpoint-9999999999.safetensors.1-0a1b2c3d.tmp'])
      writeFileSync(join(root, name), '');
    expect(newestCheckpoints(root)[0]).toBe(join(root, 'checkpoint-1000000000.safetensors'));
  });

  test('all but the newest can be removed', () => {
    for (const updates of [1, 2, 3, 4]) writeFileSync(checkpointPath(root, updates), '');
    writeFileSync(join(root, 'config.json'), '{}');
    keepNewestCheckpoints(root, 2);
    expect(readdirSync(root).sort()).toEqual([
      'checkpoint-000000003.safetensors',
      'checkpoint-000000004.safetensors',
      'config.json',
    ]);
  });
});
