// Tables: alignment in every rendering, and cells that could break the markup.
import { expect, test } from 'vitest';
import { armTable, compactionTable } from '../../../src/report/tables/arms.ts';
import { renderHtml, renderMarkdown, renderText } from '../../../src/report/tables/table.ts';

const table = {
  columns: [{ title: 'Arm' }, { title: 'Accuracy', align: 'right' as const }],
  rows: [
    ['plain', '92.80 %'],
    ['a|b', '1 %'],
  ],
};

test('Markdown is padded, ruled by alignment, and escapes pipes', () => {
  expect(renderMarkdown(table).split('\n')).toEqual([
    '| Arm   | Accuracy |',
    '| ----- | -------: |',
    '| plain |  92.80 % |',
    '| a\\|b  |      1 % |',
  ]);
});

test('plain text lines up its columns', () => {
  expect(renderText(table).split('\n')).toEqual([
    'Arm    Accuracy',
    '─────  ────────',
    'plain   92.80 %',
    'a|b         1 %',
  ]);
});

test('HTML escapes its cells and marks number columns', () => {
  const html = renderHtml({ columns: table.columns, rows: [['<script>&', '"1"']] });
  expect(html).toContain('<td>&lt;script&gt;&amp;</td><td class="number">&quot;1&quot;</td>');
  expect(html).toContain('<th scope="col" class="number">Accuracy</th>');
});

test('a row shorter than the head is filled with empty cells', () => {
  expect(renderMarkdown({ columns: table.columns, rows: [['x']] })).toContain('| x   |          |');
});

test('the arm table shows shares of the total, and a note column only when there is a note', () => {
  const arm = {
    arm: 'trained AN',
    accuracy: 0.9435,
    parametersTotal: 11_173_962,
    parametersKept: 7_600_000,
    parametersStructural: 11_000_000,
    updates: 39_100,
    seconds: 3720,
  };
  const [head, , row] = renderMarkdown(armTable([arm])).split('\n');
  expect(head).not.toContain('Note');
  expect(row!.split('|').map((cell) => cell.trim())).toEqual([
    '',
    'trained AN',
    '94.35 %',
    '11,173,962',
    '7,600,000 (68.0 %)',
    '11,000,000 (98.4 %)',
    '39,100',
    '1 h 02 min',
    '',
  ]);
  expect(renderMarkdown(armTable([{ ...arm, note: 'plus the search' }]))).toContain('plus the search');
});

test('the table of compaction has a row for each arm with gates, failures too', () => {
  const arm = { accuracy: 0.5, parametersTotal: 9, parametersKept: 9, parametersStructural: 9, updates: 1, seconds: 1 };
  expect(compactionTable([{ arm: 'plain NN', ...arm }])).toBeUndefined();
  const before = { parameters: 1000, flops: 4e6, milliseconds: 2 };
  const after = { parameters: 250, flops: 1e6, milliseconds: 0.5 };
  const spread = { low: 0.45, high: 0.6 };
  const table = compactionTable([
    { arm: 'plain NN', ...arm },
    { arm: 'trained AN', ...arm, compact: { accuracy: 0.25, before, after } },
    { arm: 'random AN', ...arm, compact: { failure: 'the image gets no further' } },
    {
      arm: 'a',
      ...arm,
      compact: {
        accuracy: 0.25,
        before,
        after: { ...after, ...spread },
        time: { median: 0.251, low: 0.24, high: 0.26 },
      },
    },
    {
      arm: 'b',
      ...arm,
      compact: {
        ...{ accuracy: 0.25, before, after: before },
        ...{ time: { median: 1.2, low: 0.94, high: 1.4 }, processorTime: { median: 0.98, low: 0.97, high: 0.99 } },
      },
    },
  ]);
  expect(table?.rows).toEqual([
    [
      'trained AN',
      '25.00 %',
      '1,000 → 250 (25.0 %)',
      '4.000 MFLOPs (2.000 MMACs) → 1.000 MFLOPs (500.0 kMACs) (25.0 %)',
      '2.000 → 0.5000 (25.0 %)',
    ],
    ['random AN', 'the image gets no further', '', '', ''],
    expect.arrayContaining(['2.000 → 0.5000 (0.4500 to 0.6000) (25.1 %, from 24 to 26 %)']),
    expect.arrayContaining(['2.000 → 2.000 (no difference: 94 to 140 %; by processor time 98.0 %, from 97 to 99 %)']),
  ]);
});
