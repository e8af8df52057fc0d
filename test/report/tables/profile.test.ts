// A profile as text: what is not known is a dash, and said.
import { expect, it } from 'vitest';
import { renderProfile } from '../../../src/report/tables/profile.ts';

const row = { label: 'mine/cube', calls: 4, ms: 2, mean: 0.5, share: 1, gflops: 12.5, gbs: 3 };

it('shows every kernel, by run', () => {
  expect(renderProfile([{ ...row, detail: '[3×4]' }], 2)).toMatch(
    /^mine\/cube \[3×4\] +2\.0 +1\.000 +0\.500 +100\.0 % +12\.50 +3\.00$/m,
  );
  expect(renderProfile([{ ...row, ceiling: 0.25, limit: 'read' as never }])).toMatch(/3\.00 +25\.0 % +read$/m);
});

it('says which kernels give no cost', () => {
  const text = renderProfile([{ ...row, gflops: Number.NaN, gbs: Number.NaN }, row]);
  expect(text).toMatch(/100\.0 % +– +–$/m);
  expect(text.split('\n').at(-1)).toMatch(/^–: the kernel gives no cost/);
  expect(renderProfile([row])).not.toContain('–');
});
