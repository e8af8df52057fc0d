// What a page gets of each face, and why it does not get the rest: the rule of the build for pages, on this project.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Rule {
  leftOut(path: string): Map<string, string>;
  source(path: string): { forwards: { as?: string }[] };
}
const { PageRule }: { PageRule: new () => Rule } = await import(
  new URL('../../build/page-rule.mjs', import.meta.url).href
);
const { pageEntries }: { pageEntries(manifest: unknown): Record<string, string> } = await import(
  new URL('../../build/browser.mjs', import.meta.url).href
);
const rule = new PageRule();
const entries = pageEntries(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));
const leftOut = (entry: string): string[] => [...rule.leftOut(entries[entry]).keys()].sort();

describe('a page gets', () => {
  it.each(['gpu', 'tensor', 'nn', 'models', 'prune', 'astro'])('all of astrogpu/%s', (entry) =>
    expect(leftOut(entry)).toEqual([]),
  );

  it('the root, but for what reads and writes files', () =>
    expect(leftOut('index')).toEqual([
      'loadCifar10',
      'loadImageFolder',
      'readNetwork',
      'readSafetensors',
      'writeNetwork',
      'writeOnnx',
      'writeSafetensors',
    ]));

  it.each([
    [
      'train',
      [
        'configure',
        'recipeDefaults',
        'buildSearch',
        'buildStage',
        'armNetwork',
        'Evaluator',
        'RunningMetrics',
        'attachAstrocyte',
      ],
    ],
    ['train', ['packNetwork', 'unpackNetwork', 'storedParts', 'restoreValues', 'planStages']],
    ['data', ['ArrayBatches', 'BatchStream', 'DeviceData', 'drawStandIn', 'StreamedBatches', 'takeImages']],
    ['export', ['toOnnx']],
    ['explain', ['gradCam', 'upsample']],
    ['report', ['formatPercent', 'armTable', 'renderHtml']],
  ])('of astrogpu/%s what needs no files: %j', (entry, names) => {
    const all = rule.source(entries[entry]).forwards.map(({ as }) => as);
    expect(all).toEqual(expect.arrayContaining(names));
    expect(leftOut(entry).filter((name) => names.includes(name))).toEqual([]);
  });
});

it.each([
  ['train', 'Job', /^src\/train\/run\/job\.ts: .*node:\w+$/],
  ['train', 'timeNetworks', /^src\/train\/run\/speed\.ts: the global process$/],
  ['explain', 'markedPicture', /^src\/explain\/pictures\/marked\.ts: sharp$/],
])('astrogpu/%s has no %s there, for a reason', (entry, name, reason) =>
  expect(rule.leftOut(entries[entry]).get(name)).toMatch(reason),
);
