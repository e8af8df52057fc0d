// What a reader of a run's table must know beside its numbers, and the settings that the run had.
import { formatCount, type SettingGroup } from '../../report/index.ts';
import {
  beyondPaper,
  type ConfigureOptions,
  choosesEpoch,
  JOB_OPTIONS,
  type JobConfig,
  limited,
  OF_GATES,
  type OptionTable,
} from '../../train/index.ts';
import { flagOf } from '../common/flags.ts';
import { byGroup, valueText } from '../common/help.ts';

/** Numbers that became others than were asked for, a line each. */
export const limitedLines = (
  given: Parameters<typeof limited>[0],
  config: JobConfig,
  available: ConfigureOptions['available'],
): string[] =>
  limited(given, config, available).map(
    ({ field, asked, became, why, of }) =>
      `${flagOf(field)} ${asked}: ${of === undefined ? `${formatCount(became)} are taken` : `the ${of} takes ${formatCount(became)}`}, since ${why}`,
  );

export function notes(config: JobConfig, table: OptionTable = JOB_OPTIONS): string[] {
  const { precision, recipe, phase, arms, searchEpochs, T, zeroInit, absolute, gate, group } = config;
  const list: string[] = [];
  if (precision === 'f16')
    list.push('Mixed precision: the task network computes in f16 with sums in f32; parameters and updates are f32.');
  if (choosesEpoch(config)) list.push(choiceNote(config));
  if (arms.length > 1 && config.patience !== undefined)
    list.push(
      'Arms may end early: they have the same data, augmentation, seed and initial weights, and not the same number of updates.',
    );
  else if (arms.length > 1)
    list.push('All arms have the same number of NN updates, the same data, augmentation, seed and initial weights.');
  if (arms.includes('random') && zeroInit)
    list.push(
      `The untrained AN is the trained one before its training: its last layer is zero, so that its gates are in the order of their features${absolute ? ', the largest weights of each layer first' : ''}, and nothing of it is random.`,
    );
  else if (arms.includes('random') && arms.includes('trained'))
    list.push('The random AN is the trained one before its training.');
  if (arms.includes('narrow'))
    list.push(
      'The narrower NN has about as many parameters as the arm with gates before it has left: kept ones, under gates of filters or channels structural ones.',
    );
  if (arms.includes('paper'))
    list.push("The paper AN has the paper's readings (--recipe paper), and a search of its own.");
  if (phase.includes('search'))
    list.push(
      `The search (${searchEpochs} epoch${searchEpochs === 1 ? '' : 's'}, T = ${T}) trained another network beside the astrocyte; its updates are not in the table.`,
    );
  const has = madeOf(config);
  if (has.gates)
    list.push(
      recipe === 'paper'
        ? "Recipe: the paper's readings, but for what other notes say."
        : `Recipe: ${recipe}, which goes beyond the paper; --recipe paper has the paper's readings.`,
    );
  const target = config.targetParams ?? config.targetFlops ?? config.targetTime;
  if (target !== undefined && gate !== 'connection' && group === 0)
    list.push(
      'Gates of single channels: one that a residual sum makes goes only with all that make it, so many gates are cut that free nothing. --group 1, or 4 or 16 channels at a time, gives all of these one gate.',
    );
  const beyond = beyondPaper(takingPart(table, has), { ...config });
  if (beyond.length > 0) list.push(`Beyond the paper: ${beyond.join('; ')}.`);
  return list;
}

/** What a job makes besides plain networks. */
interface MadeOf {
  search: boolean;
  astrocyte: boolean;
  gates: boolean;
}

function madeOf({ phase, arms }: JobConfig): MadeOf {
  const search = phase.includes('search');
  const astrocyte = search || arms.some((arm) => arm === 'random' || arm === 'trained' || arm === 'paper');
  return { search, astrocyte, gates: astrocyte || arms.includes('magnitude') };
}

/** The options that something of a job goes by: a plain network has defaults of a recipe, too, and nothing of them. */
function takingPart(table: OptionTable, { search, astrocyte, gates }: MadeOf): OptionTable {
  const takesPart = ([name, { group }]: [string, OptionTable[string]]): boolean => {
    if (group === 'search') return search;
    if (group === 'astrocyte and gates') return astrocyte || (gates && OF_GATES.has(name));
    return gates || (group !== 'guide' && name !== 'recipe');
  };
  return Object.fromEntries(Object.entries(table).filter(takesPart));
}

/** Of a run that was gone on with after its end. */
export const extensionNotes = ({ epochs }: JobConfig, now: number): string[] =>
  now > epochs
    ? [
        `The run had ${epochs} epoch${epochs === 1 ? '' : 's'} and was extended to ${now} (--resume DIR --epochs ${now}): the learning rate rose again to where a run of ${now} epochs has it then, momentum began anew, gates stayed as they were.`,
      ]
    : [];

const choiceNote = ({ validation = 0, images }: JobConfig): string =>
  validation > 0
    ? `The best epoch is chosen by ${Math.round(images * validation)} of the training images, which nothing was trained on.`
    : 'The best epoch is chosen by the test images, so its accuracy on them says too much of other images.';

/** The configuration by flags, under the headings of the help text. */
export function settingGroups(config: object, table: OptionTable = JOB_OPTIONS): SettingGroup[] {
  const values: Record<string, unknown> = { ...config };
  return [...byGroup(table)].map(([title, rows]) => ({
    title,
    settings: rows
      .filter(([name]) => values[name] !== undefined)
      .map(([name]) => ({ name: flagOf(name), value: valueText(values[name]) })),
  }));
}
