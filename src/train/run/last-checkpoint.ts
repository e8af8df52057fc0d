// From where a stopped job goes on: its newest checkpoint that can be read. One that cannot is put aside, so that a disk's fault costs an epoch and not the run.
import { basename } from 'node:path';
import type * as v from 'valibot';
import { checked } from '../../gpu/index.ts';
import { CheckpointError } from '../../io/index.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { newestCheckpoints, putAside } from './run-folder.ts';

/**
 * The newest checkpoint of a run folder that can be read, and where it stands, which a schema describes; undefined where there is none at all. `say` is told of those after it, which are renamed. Throws
 * CheckpointError of the newest where none can be read.
 */
export function lastCheckpoint<State>(
  folder: string,
  config: unknown,
  schema: v.GenericSchema<unknown, State>,
  say: (line: string) => void,
): { checkpoint: Checkpoint; state: State } | undefined {
  const passed: CheckpointError[] = [];
  for (const file of newestCheckpoints(folder))
    try {
      const checkpoint = readCheckpoint(file, config);
      const refuse = (reason: string): CheckpointError => new CheckpointError(file, `progress.${reason}`);
      const state = checked(schema, checkpoint.progress, refuse);
      for (const error of passed)
        say(
          `${error.message} The run goes on from the one before it, ${basename(file)}; this one is kept as ${basename(putAside(error.file))}`,
        );
      return { checkpoint, state };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      passed.push(error);
    }
  if (passed.length > 0) throw passed[0];
  return undefined;
}
