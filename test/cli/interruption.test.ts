// What stops a run from outside, and what does not: signals save, output that nobody reads saves, and a lost line costs nothing but the line.
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cifar, signalAt, stepsSaved } from '../support/command.ts';

const cwd = mkdtempSync(join(tmpdir(), 'astrogpu-stop-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const job = (out: string, epochs = 40): string[] =>
  `--data stand-in --images 60 --test-images 20 --batch 10 --epochs ${epochs} --arms plain --phase guide --out ${out}`.split(
    ' ',
  );
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const timeout = 60_000;

describe('a run that is stopped', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s saves and says how to go on', { timeout }, async (signal, expected) => {
    const ended = await cifar(job(signal), cwd, signalAt(join(cwd, signal), 1, signal));
    expect(ended.code).toBe(expected);
    expect(ended.stdout).toMatch(
      new RegExp(`saved after step \\d+ .*; go on with: node bench/cifar\\.js --resume ${signal}\\n$`),
    );
    expect(stepsSaved(join(cwd, signal))).toBeGreaterThan(0);
  });

  it('by the loss of every reader saves', { timeout }, async () => {
    const close = (child: ChildProcess) =>
      signalAt(join(cwd, 'unread'), 0, () => [child.stdout, child.stderr].map((pipe) => pipe!.destroy()))(child);
    expect((await cifar(job('unread'), cwd, close)).code).toBe(141);
    expect(stepsSaved(join(cwd, 'unread'))).toBeGreaterThan(0);
  });
});

describe('what takes no line', () => {
  it('of standard output does not end a run, which says so on standard error', { timeout }, async () => {
    const close = (child: ChildProcess) => signalAt(join(cwd, 'half'), 0, () => child.stdout!.destroy())(child);
    const ended = await cifar(job('half', 1), cwd, close);
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.stderr).not.toMatch(/ at |EPIPE/);
    expect(existsSync(join(cwd, 'half', 'report.html'))).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('because the disk is full ends no command', { timeout }, () => {
    const lost = spawnSync('sh', ['-c', `"${process.execPath}" "${main}" --help >/dev/full`], { cwd });
    expect(String(lost.stderr)).toBe(
      'standard output takes nothing (ENOSPC): what it was to show is lost from here on\n',
    );
    for (const redirect of ['>/dev/full', '2>/dev/full', '>&- 2>&-']) {
      const { status } = spawnSync('sh', ['-c', `"${process.execPath}" "${main}" --help ${redirect}`], { cwd });
      expect([redirect, status]).toEqual([redirect, 0]);
    }
  });

  it('because its reader has gone ends no command with a stack', { timeout }, () => {
    const text = execFileSync(
      'sh',
      ['-c', `"${process.execPath}" "${main}" doctor 2>err | true; grep -c "Unhandled\\|node:" err || true`],
      { cwd },
    );
    expect(String(text)).toBe('0\n');
  });
});
