// The pages of docs/guide as programs: what each says to write where, and a copy of the project to write it in.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, type SourceFile } from './tree.ts';

/** One block of code of a page, and where it goes. */
export interface Step {
  file: string;
  where: 'new' | 'at its end' | 'after' | 'in place of';
  /** What it comes after, the whole line, or in place of: a text that is in the file once. */
  anchor: string;
  code: string;
}

/** **`FILE`**, new: · **`FILE`**, at its end: · **`FILE`**, after `TEXT`: · **`FILE`**, in place of `TEXT`:, and then the code in its fence. */
const STEP = /^\*\*`(.+?)`\*\*, (new|at its end|after|in place of)(?: (`+)(.+?)\3)?:\n\n```\w+\n([\s\S]*?)^```$/gm;

/** The steps of a page. Throws where there is none, and for a block of code without a place (commands in `sh` need none). */
export function stepsOf({ path, text }: SourceFile): Step[] {
  const steps = [...text.matchAll(STEP)].map(
    ([, file, where, , anchor = '', code]): Step => ({ file, where: where as Step['where'], anchor, code }),
  );
  const blocks = text.match(/^```(?!sh)\w+$/gm) ?? [];
  if (steps.length === 0 || steps.length !== blocks.length)
    throw new Error(`${path}: ${blocks.length} blocks of code, ${steps.length} of them with a place`);
  return steps;
}

/** The files that a page touches, each once. */
export const filesOf = (page: SourceFile): string[] => [...new Set(stepsOf(page).map(({ file }) => file))];

/** A file's text after a step; `text` is undefined where there is no such file. Throws where the step does not fit. */
export function after(text: string | undefined, { file, where, anchor, code }: Step): string {
  if (where === 'new') {
    if (text !== undefined) throw new Error(`${file} is there already`);
    return code;
  }
  if (text === undefined) throw new Error(`there is no ${file}`);
  if (where === 'at its end') return text + code;
  const at = text.indexOf(anchor);
  if (at < 0) throw new Error(`${file} has no ${anchor}`);
  if (text.indexOf(anchor, at + 1) >= 0) throw new Error(`${file} has ${anchor} more than once`);
  if (where === 'after') {
    const next = text.indexOf('\n', at) + 1;
    return text.slice(0, next) + code + text.slice(next);
  }
  return text.slice(0, at) + code.trimEnd() + text.slice(at + anchor.length);
}

const PARTS = [
  'src',
  'shaders',
  'test',
  'bench',
  'page',
  'tuning',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'biome.json',
];

interface TestResult {
  name: string;
  status: string;
  message: string;
  assertionResults: { failureMessages: string[] }[];
}

/** A copy of the project's sources, where additions are tried out. */
export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'astrogpu-additions-'));

  constructor() {
    for (const part of PARTS) cpSync(join(root, part), join(this.folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
  }

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  apply(step: Step): void {
    const path = join(this.folder, step.file);
    this.write(step.file, after(existsSync(path) ? readFileSync(path, 'utf8') : undefined, step));
  }

  /** What the compiler has to say; empty where all is well. */
  typeErrors(): string {
    return this.run('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json');
  }

  /** What the linter has to say of some files, their format included; empty where all is well. */
  lintErrors(files: string[]): string {
    const out = this.run('@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', '--colors=off', ...files);
    return /^Checked \d+ files? in .*\. No fixes applied\.$/m.test(out) && !out.includes('Found') ? '' : out;
  }

  /** Runs test files: for each 'passed', or what went wrong. */
  test(files: string[]): Record<string, string> {
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const out = this.run('vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${report}`, ...files);
    if (!existsSync(report)) throw new Error(out);
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as { testResults: TestResult[] };
    return Object.fromEntries(
      files.map((file) => {
        const { status, message, assertionResults } = testResults.find(({ name }) => name.endsWith(file))!;
        if (status === 'passed' && assertionResults.length > 0) return [file, 'passed'];
        return [file, [message, ...assertionResults.flatMap(({ failureMessages }) => failureMessages)].join('\n')];
      }),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(program: string, ...args: string[]): string {
    const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
      cwd: this.folder,
      encoding: 'utf8',
    });
    return stdout + stderr;
  }
}
