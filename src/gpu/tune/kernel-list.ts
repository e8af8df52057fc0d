// The list of kernels that an op has: what each of them can do, and where it is tried first. A new kernel is one entry of its op's list.
import type { Slice } from '../kernel/memory.ts';
import type { Candidate } from './tuner.ts';

/** A kernel in the list of an op whose jobs are described by `Job`. */
export interface KernelEntry<Job, Form = unknown> {
  /** What `force` and tables of choices call it: never to be changed. */
  name: string;
  /** Can it do the job, on this machine? Default: any job. */
  when?(job: Job): boolean;
  /** Is it a better first guess for the job than what stands above it in the list? */
  first?(job: Job): boolean;
  /** Forms in which it can do the job (tiles), best guess first; each is a candidate `name form`. Default: the kernel as it is. */
  forms?(job: Job): readonly Form[];
  /** Records the job, with `slices` the inputs in the op's order, then the output. */
  run(job: Job, slices: Slice[], form: Form): void;
  /** See Candidate. */
  lowPrecision?(job: Job): boolean;
}

const titleOf = (form: unknown): string => (typeof form === 'string' ? form : (form as { name: string }).name);

/** The candidates for a job, best guess first: those that want to be first, then the others, both in the order of the list. Forms are strings, or have a name. */
export function candidatesFor<Job>(kernels: readonly KernelEntry<Job>[], job: Job): Candidate[] {
  const early: Candidate[] = [];
  const late: Candidate[] = [];
  for (const kernel of kernels) {
    if (kernel.when && !kernel.when(job)) continue;
    const list = kernel.first?.(job) ? early : late;
    const lowPrecision = kernel.lowPrecision?.(job);
    const add = (name: string, form: unknown): void => {
      list.push({ name, lowPrecision, run: (slices) => kernel.run(job, slices, form) });
    };
    if (!kernel.forms) add(kernel.name, undefined);
    else for (const form of kernel.forms(job)) add(`${kernel.name} ${titleOf(form)}`, form);
  }
  return [...early, ...late];
}
