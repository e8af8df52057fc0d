// What one kernel in place of several saves: `node bench/fusion.js --help`.
import { say, version, warn } from 'astrogpu/cli';
import { Gpu } from 'astrogpu/gpu';
import { renderText } from 'astrogpu/report';
import { runCommand } from './common/command.ts';
import { short } from './common/format.ts';
import { writeJson } from './common/json.ts';
import { helpText } from './common/options.ts';
import { type Fusion, measure } from './fusion/measure.ts';
import { command, parseOptions } from './fusion/options.ts';
import { workloads } from './fusion/workloads.ts';

runCommand(command.name, async (args, typed) => {
  const { rounds, json, help, version: asked } = parseOptions(args);
  if (help) return say(helpText(command));
  if (asked) return say(version());
  const gpu = await Gpu.open();
  const { adapter } = gpu;
  say(`adapter: ${adapter.description}`);
  say(`medians of ${rounds} rounds, both forms in turn\n`);
  const rows: Fusion[] = [];
  for (const workload of workloads) {
    warn(workload.name);
    rows.push(await measure(gpu, workload, rounds));
  }
  say(table(rows));
  if (json) writeJson(json, { command: typed, adapter }, { rounds, rows });
  await gpu.close();
});

function table(rows: readonly Fusion[]): string {
  const titles = ['kernels', 'fused', 'MB moved', 'fused', 'ms', 'fused', 'ratio', 'by processor time'];
  return renderText({
    columns: [{ title: 'what' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
    rows: rows.map(({ name, apart, fused, ratio, processorRatio }) => [
      name,
      ...[apart.kernels, fused.kernels].map(String),
      ...[apart.bytes, fused.bytes].map((bytes) => (bytes / 1e6).toFixed(1)),
      ...[apart.ms, fused.ms].map(short),
      ...[ratio, processorRatio].map((times) => `${times.toFixed(2)}×`),
    ]),
  });
}
