// `doctor`: what this machine has, line by line, and what to do about what is missing. It ends with exit code 1 where training is not possible. What it
// imports loads without any package, so that it can say which one is missing.
import { answer, say } from '../common/command.ts';
import { helpPage } from '../common/help.ts';
import { HELP, parseTable } from '../common/options.ts';
import { adapterFindings, nodeFinding } from '../doctor/adapter.ts';
import { correctnessFindings } from '../doctor/correctness.ts';
import { dataFinding, diskFinding, imageFinding, memoryFinding, tuningFinding } from '../doctor/environment.ts';
import type { Finding } from '../doctor/finding.ts';

const table = { help: HELP };

const helpText = (command: string): string =>
  helpPage({
    about: [
      'Looks at Node, the WebGPU package, the adapter, its driver and what kernels compute on it, at the data, the disk and the memory.',
    ],
    usage: [command],
    options: table,
  });

export async function doctor(args: string[], command: string): Promise<number> {
  const { values } = parseTable(table, args, { command });
  if (values.help) return answer(helpText(command));
  const all: Finding[] = [];
  const tell = (...findings: Finding[]): void => {
    for (const { state, what, advice } of findings) {
      say(`${state.padEnd(8)} ${what}`);
      if (advice) say(`         → ${advice.replaceAll('\n', '\n           ')}`);
    }
    all.push(...findings);
  };
  tell(nodeFinding(process.versions.node));
  const { gpu, findings } = await adapterFindings();
  tell(...findings);
  if (gpu) {
    tell(...(await correctnessFindings(gpu)));
    tell(tuningFinding(gpu));
    await gpu.close();
  }
  tell(await imageFinding());
  tell(await dataFinding());
  tell(await diskFinding('.'));
  tell(memoryFinding());
  const failures = counted(all, 'failure');
  const warnings = counted(all, 'warning');
  say('');
  say(
    failures
      ? `training is not possible here: ${failures}, see above`
      : `training is possible here${warnings ? `; ${warnings}, see above` : ''}`,
  );
  return failures ? 1 : 0;
}

/** "2 warnings"; nothing where there are none. */
function counted(all: readonly Finding[], state: Finding['state']): string | undefined {
  const { length } = all.filter((finding) => finding.state === state);
  return length > 0 ? `${length} ${state}${length > 1 ? 's' : ''}` : undefined;
}
