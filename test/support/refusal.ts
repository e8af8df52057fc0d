// What an action is refused with, for tests that compare the words.
import { expect } from 'vitest';

/** The message of the error, of this kind, that the action throws. */
export function refusal(kind: new (...of: never[]) => Error, action: () => unknown): string {
  try {
    action();
  } catch (caught) {
    expect(caught).toBeInstanceOf(kind);
    return (caught as Error).message;
  }
  throw new Error('nothing was thrown');
}
