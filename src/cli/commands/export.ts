// `export`: a network for other tools, its gates folded into its weights.
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { needFiniteDict, writeOnnx } from '../../export/index.ts';
import { AstroError } from '../../gpu/index.ts';
import { networkParameters } from '../../models/index.ts';
import { formatCount } from '../../report/index.ts';
import { option, read, writeNetwork } from '../../train/index.ts';
import { answer, say } from '../common/command.ts';
import { helpPage } from '../common/help.ts';
import { NETWORK_OPTIONS, networkUsage, onlyFile, openNetwork, withoutGates } from '../common/network.ts';
import { HELP, parseTable, UsageError } from '../common/options.ts';
import { checkOutput } from '../common/outputs.ts';

const FORMATS = ['onnx', 'safetensors'] as const;
type Format = (typeof FORMATS)[number];

const table = {
  out: option({ value: 'FILE', read: read.text, help: 'where it goes: NAME.onnx or NAME.safetensors' }),
  format: option({ value: 'FORMAT', read: read.oneOf(FORMATS), help: 'of the file', defaultText: 'as --out ends' }),
  ...NETWORK_OPTIONS,
  help: HELP,
};

const helpText = (command: string): string =>
  helpPage({
    about: [
      'Writes a network for other tools: ONNX, which takes pixels from 0 to 1, or safetensors under the names and in the layout of torch.',
    ],
    usage: networkUsage(command, '--out FILE [options]'),
    options: table,
  });

export async function exportNetwork(args: string[], command: string): Promise<number> {
  const { values, words } = parseTable(table, args, { command, words: true });
  if (values.help) return answer(helpText(command));
  const file = onlyFile(words, values);
  const { out } = values;
  if (out === undefined)
    throw new UsageError('--out is missing: it says where the file goes, NAME.onnx or NAME.safetensors');
  const format = formatOf(out, values.format);
  checkOutput('out', out, [file, values.weights, values.classes]);
  const network = await openNetwork(file, values);
  const plain = withoutGates(network);
  const { graph, dict, classes, normalization } = plain;
  try {
    needFiniteDict(dict);
    if (format === 'onnx') writeOnnx(out, graph, dict, { classes, ...normalization });
  } catch (error) {
    throw error instanceof AstroError ? new AstroError(`${network.file}: ${error.message}`) : error;
  }
  if (format === 'safetensors') writeNetwork(out, plain);
  const what =
    format === 'onnx'
      ? 'ONNX; "images" N×3×H×W of pixels from 0 to 1, in RGB, to "logits"; normalization is inside'
      : 'safetensors; names and layout (OIHW) as torch has them; classes and normalization are in its metadata';
  say(
    `written: ${out}, ${formatCount(statSync(out).size)} bytes: ${graph.model}, ${formatCount(networkParameters(graph))} parameters, ${classes.length} classes, images of ${graph.size}×${graph.size}${network.gates ? ', gates folded into the weights' : ''}`,
  );
  say(what);
  return 0;
}

/** Throws UsageError where the file's ending and `--format` disagree, or neither says it. */
function formatOf(out: string, asked: Format | undefined): Format {
  const ending = FORMATS.find((format) => extname(out) === `.${format}`);
  if (ending && asked && ending !== asked) throw new UsageError(`--format ${asked} and --out ${out}: these disagree`);
  const format = asked ?? ending;
  if (!format)
    throw new UsageError(`--out ${out}: ends neither in .onnx nor in .safetensors; --format says what it shall be`);
  // A name of another ending may be that of one of somebody's images.
  if (!ending && statSync(out, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`--out ${out}: this file is no .${format} by its name and stays; name another one`);
  return format;
}
