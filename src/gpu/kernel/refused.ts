// What a refused kernel is called: what WebGPU says of a line of the whole module, said of the line of the file that it came from.
import { KernelError } from '../device/errors.ts';
import { isOwn, type ModuleLine } from './shaders.ts';

/** `:5:3 error: …` is Dawn's way, `5:3: …` WebKit's, `wgsl:5:3` Firefox's. */
const PLACE = /(?:^|[\s:])(\d+):(\d+):?(?: error:)?(.*)/;
/** Of a quoted line. */
const MOST_QUOTED = 80;

/** The error of the kernel `label`, whose module has these lines. */
export function refusedKernel(label: string, message: string, lines: readonly ModuleLine[]): KernelError {
  const said = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('- While'));
  const found = said.map((line) => PLACE.exec(line)).find((match) => match && Number(match[1]) <= lines.length);
  if (!found) return new KernelError(`kernel ${label}: ${said[0] ?? 'WebGPU gives no reason'}`);
  const { text, file, line } = lines[Number(found[1]) - 1];
  const place = file === undefined ? 'its types and constants' : isOwn(file) ? 'its source' : `shaders/${file}.wgsl`;
  const quote = text.trim().slice(0, MOST_QUOTED);
  const what = found[3].trim() || said[0];
  if (file === undefined) return new KernelError(`kernel ${label}, in ${place}: ${what}, at \`${quote}\``);
  return new KernelError(
    `kernel ${label}, line ${line} of ${place}: ${what}, at \`${quote}\``,
    isOwn(file) ? line : undefined,
  );
}
