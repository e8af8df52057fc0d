// The messages that docs/guide/troubleshooting.md explains are still those that the sources have, with … for what differs.
import { describe, expect, it } from 'vitest';
import { below, files, isProgram, literalsOf } from '../architecture/tree.ts';

const PAGE = 'docs/guide/troubleshooting.md';
const page = files.find(({ path }) => path === PAGE)!.text;
const messages = [...page.matchAll(/^### `(.+)`$/gm)].map(([, message]) => message);

/** What the sources say: strings, templates with \0 for what is put in. */
const said = below('src')
  .filter(isProgram)
  .flatMap((file) => literalsOf(file).map(({ value }) => value))
  .filter((value) => value.includes(' '));

/** Whether a string of the sources can make the message; what is put into it must be a … there. */
function isSaid(message: string, strings: readonly string[]): boolean {
  const fixed = message.split('…').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(fixed.join('[\\s\\S]*?'));
  return strings.some((text) => pattern.test(text));
}

it.each(messages)('%s', (message) => {
  expect(isSaid(message, said)).toBe(true);
  // Enough of it that it is one message, and not any.
  expect(message.replaceAll('…', '').trim().split(/\s+/).length).toBeGreaterThan(2);
});

it('there are messages, each once', () => {
  expect(messages.length).toBeGreaterThan(40);
  expect(new Set(messages).size).toBe(messages.length);
});

describe('a message', () => {
  const strings = ['no memory for \0 (\0): \0', 'say this'];
  it.each(['no memory for … (…): …', 'memory for', 'say this'])('%s is found', (message) => {
    expect(isSaid(message, strings)).toBe(true);
  });
  it.each(['no memory for weights (1 MiB)', 'no room for …', 'say that', 'no memory for … …; take'])(
    '%s is not',
    (message) => expect(isSaid(message, strings)).toBe(false),
  );
});
