// The commands by name. Each is loaded when it is asked for, so that `doctor` answers where a package that others need is missing.
import { AstroError, didYouMean } from '../gpu/index.ts';
import { answer, type Command, version } from './common/command.ts';
import { UsageError } from './common/options.ts';

const COMMANDS: Record<string, { summary: string; load: () => Promise<Command> }> = {
  train: {
    summary: 'train an AstroNet and its controls on CIFAR-10 or on your own folder of images',
    load: async () => (await import('./commands/train.ts')).train,
  },
  eval: {
    summary: 'accuracy, loss, cost and time of a network',
    load: async () => (await import('./commands/eval.ts')).evaluate,
  },
  predict: {
    summary: 'what a network takes pictures for',
    load: async () => (await import('./commands/predict.ts')).predict,
  },
  compact: {
    summary: 'the smaller network that is left when everything cut off is taken out',
    load: async () => (await import('./commands/compact.ts')).compactNetwork,
  },
  explain: {
    summary: 'pictures of where a network looked (Grad-CAM)',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  detect: {
    summary: 'objects on pictures, with boxes and masks',
    load: async () => (await import('./commands/detect.ts')).detect,
  },
  export: {
    summary: 'a network for other tools: ONNX or safetensors',
    load: async () => (await import('./commands/export.ts')).exportNetwork,
  },
  compare: {
    summary: 'several runs side by side, as one page',
    load: async () => (await import('./commands/compare.ts')).compare,
  },
  doctor: {
    summary: 'what this machine has, what is missing, and what to do about it',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
};
const NAMES = Object.keys(COMMANDS).join(', ');

const helpText = (): string =>
  [
    'Trains convolutional networks under AstroNet on any GPU, and makes them smaller.',
    '',
    '  npx astrogpu COMMAND [options]',
    '',
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
    '',
    'npx astrogpu COMMAND --help, or help COMMAND, says more. --version, -v prints the version.',
  ].join('\n');

/** Runs the command that the first word names. Throws UsageError that lists the commands, and AstroError where a package that the command needs does not load. */
export async function dispatch([name, ...args]: string[]): Promise<number> {
  if (name === undefined) throw new UsageError(`name a command: ${NAMES}; npx astrogpu --help says what they do`);
  if (name === 'help' && args.length > 0) return dispatch([args[0], '--help']);
  if (name === '--help' || name === '-h' || name === 'help') return answer(helpText());
  const asksVersion = (word: string): boolean => word === '--version' || word === '-v';
  if (asksVersion(name) || (args.length === 1 && asksVersion(args[0]))) return answer(version());
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command)
    throw new UsageError(`there is no command "${name}"; there are ${NAMES}${didYouMean(name, Object.keys(COMMANDS))}`);
  const run = await command.load().catch((error: Error) => {
    throw new AstroError(`${name} cannot start: ${error.message.split('\n')[0]}; run npm install`);
  });
  return run(args, `npx astrogpu ${name}`);
}
