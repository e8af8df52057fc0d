// Lists of kernels: who can do a job, in which order, under which names.
import { describe, expect, it } from 'vitest';
import type { Slice } from '../../../src/gpu/kernel/memory.ts';
import { candidatesFor, type KernelEntry } from '../../../src/gpu/tune/kernel-list.ts';

interface Job {
  size: number;
}

const ran: unknown[] = [];
const note =
  (name: string) =>
  (job: Job, slices: Slice[], form: unknown): void => {
    ran.push([name, job.size, slices.length, form]);
  };
const kernels: KernelEntry<Job>[] = [
  { name: 'small', when: ({ size }) => size < 10, run: note('small') },
  { name: 'even', when: ({ size }) => size % 2 === 0, first: ({ size }) => size > 5, run: note('even') },
  { name: 'tile', forms: ({ size }) => ['big', { name: 'tiny' }].slice(0, size), run: note('tile') },
  { name: 'rough', lowPrecision: ({ size }) => size === 8, first: ({ size }) => size === 8, run: note('rough') },
  { name: 'plain', run: note('plain') },
];
const names = (size: number): string[] => candidatesFor(kernels, { size }).map(({ name }) => name);

describe('a list of kernels', () => {
  it('offers what can do the job, in its order', () => {
    expect(names(4)).toEqual(['small', 'even', 'tile big', 'tile tiny', 'rough', 'plain']);
    expect(names(11)).toEqual(['tile big', 'tile tiny', 'rough', 'plain']);
  });

  it('puts before the others what wants to be first, in its order too', () => {
    expect(names(12)).toEqual(['even', 'tile big', 'tile tiny', 'rough', 'plain']);
    expect(names(8)).toEqual(['even', 'rough', 'small', 'tile big', 'tile tiny', 'plain']);
  });

  it('offers each form of a kernel, and nothing where there is none', () => {
    expect(names(1)).toEqual(['small', 'tile big', 'rough', 'plain']);
    expect(names(0)).toEqual(['small', 'even', 'rough', 'plain']);
  });

  it('says of a candidate whether it is of low precision for the job', () => {
    const low = (size: number) => candidatesFor(kernels, { size }).find(({ name }) => name === 'rough')!.lowPrecision;
    expect([low(8), low(4)]).toEqual([true, false]);
  });

  it('runs a candidate on the job, in its form', () => {
    ran.length = 0;
    for (const candidate of candidatesFor(kernels, { size: 3 })) candidate.run([{} as Slice]);
    expect(ran).toEqual([
      ['small', 3, 1, undefined],
      ['tile', 3, 1, 'big'],
      ['tile', 3, 1, { name: 'tiny' }],
      ['rough', 3, 1, undefined],
      ['plain', 3, 1, undefined],
    ]);
  });
});
