// A run as its folder has it, finished or not, and whatever it is doing now: nothing is changed there.
import { AstroError, checked } from '../../gpu/index.ts';
import { CheckpointError } from '../../io/index.ts';
import type { ArmResult, MetricRow } from '../../report/index.ts';
import { readCheckpoint } from './checkpoint.ts';
import { JOB_STATE } from './job-state.ts';
import { metricsPath, newestCheckpoints, openRunFolder, readMetrics } from './run-folder.ts';

/** What a run folder says of its run. */
export interface RunRecord {
  /** The content of config.json. */
  saved: Record<string, unknown>;
  /** The rows of metrics.jsonl. */
  series: MetricRow[];
  /** Arms that have ended, as far as a checkpoint says so. */
  arms: ArmResult[];
}

/** Reads a run folder. Throws RunFolderError for what is none, and for a config.json or metrics.jsonl that cannot be read. */
export function readRun(folder: string): RunRecord {
  const saved = openRunFolder(folder);
  return { saved, series: readMetrics(metricsPath(folder)), arms: endedArms(folder, saved.config) };
}

/** From the newest checkpoint that can be read; none where none can. */
function endedArms(folder: string, config: unknown): ArmResult[] {
  for (const file of newestCheckpoints(folder))
    try {
      const { progress } = readCheckpoint(file, config);
      return checked(JOB_STATE, progress, (reason) => new CheckpointError(file, reason)).arms as ArmResult[];
    } catch (error) {
      // A run that is at work may have taken it away meanwhile.
      if (!(error instanceof AstroError)) throw error;
    }
  return [];
}
