// The commands of the documents are there, and take the options that they are shown with: their own parsers read them. Those of docs/results stay as they were when they were run.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paths, root } from '../architecture/tree.ts';
import { commandsOf, documents, type ShellCommand, wordsOf } from './blocks.ts';
import { ownProgram, scripts } from './own-program.ts';

/** Programs of other people. */
const OTHERS = ['cd', 'pip', 'tensorboard'];

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What is wrong with a command that does not read options as ours do; undefined if nothing is. */
function wrongWith([runner, name, ...args]: string[]): string | undefined {
  const lost = args.filter((word) => /^[\w-]+\/|\.\w+$/.test(word)).find((path) => !paths.has(path));
  if (OTHERS.includes(runner)) return undefined;
  if (runner === 'npm' && ['install', 'ci', 'pack'].includes(name)) return undefined;
  if (runner === 'npm') {
    const script = name === 'run' ? args[0] : name;
    return script in scripts ? undefined : `package.json has no script ${script}`;
  }
  if (runner === 'npx' && name === 'esbuild') return undefined;
  if (runner === 'npx' && name === 'vitest') return lost && `there is no ${lost}`;
  if (runner !== 'node' && runner !== 'python3') return 'this is a program that nobody knows';
  if (!paths.has(name)) return `there is no ${name}`;
  const strange = args.find((word) => word.startsWith('--') && !read(name).includes(word));
  return strange && `${name} knows no ${strange}`;
}

const commands = documents.filter(({ path }) => !path.startsWith('docs/results/')).flatMap(commandsOf);
const own = commands.flatMap(({ place, words }) => {
  const program = ownProgram(words);
  return program ? [{ place, line: words.join(' '), ...program }] : [];
});

function answersOf(programs: readonly { file: string; args: string[] }[]): { code: number; said: string }[] {
  const asked = JSON.stringify(programs.map(({ file, args }) => ({ file, args })));
  return JSON.parse(
    execFileSync(process.execPath, [join(root, 'test/documents/read-commands.mjs'), asked], {
      cwd: root,
      encoding: 'utf8',
    }),
  );
}

/** Options of ours that sentences name: alone between backticks, or with a value. docs/guide/option.md names one that it adds. */
const optionsNamed = (): { path: string; option: string }[] =>
  documents
    .filter(({ path }) => /^(README|docs\/(runs|guide\/(?!option).*))\.md$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`(--[a-z][a-z-]*)[^`]*`/g)].map(([, option]) => ({
        path,
        option,
      })),
    );

/** Commands that are wrong, and what is said of them. */
const REFUSED: [line: string, reason: RegExp][] = [
  ['npx astrogpu train --data photos/ --sise 64', /--sise/],
  ['node bench/cifar.js --model resnet1', /resnet18/],
  ['npx astrogpu trian', /train/],
];

describe('commands of documents', () => {
  it('are taken by their own parsers, which refuse what they do not know', () => {
    const strange = REFUSED.map(([line]) => ownProgram(wordsOf(line))!);
    const answers = answersOf([...own, ...strange]);
    const refused = own.flatMap(({ place, line }, i) => {
      const { code, said } = answers[i];
      return code === 0 && /^ +--help/m.test(said) ? [] : [`${place} ${line}: ${said.split('\n')[0]}`];
    });
    expect(refused).toEqual([]);
    expect(own.length).toBeGreaterThan(40);
    const known = answers.map(({ said }) => said).join('\n');
    expect(optionsNamed().filter(({ option }) => !new RegExp(`${option}(?![\\w-])`).test(known))).toEqual([]);
    for (const [i, { code, said }] of answers.slice(own.length).entries())
      expect({ code, said }, REFUSED[i][0]).toEqual({ code: 2, said: expect.stringMatching(REFUSED[i][1]) });
  });

  it('that read no options, or are of others, are there', () => {
    const wrong = ({ place, words }: ShellCommand): string[] => {
      const reason = ownProgram(words) ? undefined : wrongWith(words);
      return reason ? [`${place} ${words.join(' ')}: ${reason}`] : [];
    };
    expect(commands.flatMap(wrong)).toEqual([]);
  });

  it('stand in blocks for a shell', () => {
    const bare = documents
      .filter(({ path }) => !path.startsWith('docs/results/'))
      .flatMap(({ path, text }) =>
        (text.match(/^ {4,}(node|npm|npx|python3|pip) .*$/gm) ?? []).map((line) => `${path}: ${line.trim()}`),
      );
    expect(bare).toEqual([]);
  });
});

it.each([
  ['npm run demo-of-nothing', 'package.json has no script demo-of-nothing'],
  ['node setup.mjs --al', 'setup.mjs knows no --al'],
  ['node examples/gone.js', 'there is no examples/gone.js'],
  ['npx vitest run test/gone/a.test.ts -t "same bits"', 'there is no test/gone/a.test.ts'],
  ['make all', 'this is a program that nobody knows'],
])('%s is found', (line, reason) => {
  expect(wrongWith(wordsOf(line))).toBe(reason);
});
