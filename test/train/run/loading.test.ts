// What a run says of images that no accuracy counts: once for each kind, and again where there are others.
import { expect, it } from 'vitest';
import { LoadingNotes } from '../../../src/train/run/loading.ts';

it('images that cannot be decoded are told by their kind, where their number is another than before', () => {
  const notes = new LoadingNotes();
  const guide = { phase: 'guide' } as const;
  expect(notes.uncounted(guide, { accuracy: 0.5, loss: 1 })).toEqual([]);
  expect(notes.uncounted(guide, { accuracy: 0.5, loss: 1, leftOut: 1, validationLeftOut: 2 })).toEqual([
    'data: 1 of the test images cannot be decoded and counts nowhere',
    'data: 2 of the validation images cannot be decoded and count nowhere',
  ]);
  // An epoch that is not evaluated says nothing.
  expect(notes.uncounted(guide, {})).toEqual([]);
  expect(notes.uncounted(guide, { accuracy: 0.5, loss: 1, leftOut: 1, validationLeftOut: 3 })).toEqual([
    'data: 3 of the validation images cannot be decoded and count nowhere',
  ]);
  expect(notes.uncounted({ phase: 'search' }, { accuracy: 0.5, loss: 1, leftOut: 1 })).toEqual([
    'data: 1 of the held-out images cannot be decoded and counts nowhere',
  ]);
});
