// `npm run demo`: builds the page, and serves it here or writes it for any host.
import { once } from 'node:events';
import { HELP, helpPage, parseTable, runToEnd, say, UsageError } from 'astrogpu/cli';
import { option, read } from 'astrogpu/train';
import { buildPage } from './build.ts';
import { serve } from './server.ts';
import { reasonToKeep, writePage } from './write.ts';

const NAME = 'npm run demo --';
const OPTIONS = {
  port: option({
    value: 'N',
    read: read.whole(0, 65535),
    help: 'where the page is served, on this machine alone; 0 takes any that is free',
    default: 8090,
  }),
  build: option({
    value: 'DIR',
    read: read.text,
    help: 'write the page there as static files, for any host and under any path, in place of serving it; an earlier build there is replaced, anything else refused',
  }),
  help: HELP,
};

runToEnd(demo(process.argv.slice(2)));

async function demo(args: string[]): Promise<number> {
  const { values } = parseTable(OPTIONS, args, { command: NAME });
  const { port, build: folder } = values;
  if (values.help) {
    const about = 'A page that trains a small AstroNet on the GPU of whoever looks at it, in a browser with WebGPU.';
    say(helpPage({ about: [about], usage: ['npm run demo', `${NAME} [options]`], options: OPTIONS }));
    return 0;
  }
  if (folder === undefined) return serveUntilStopped(port ?? OPTIONS.port.default);
  if (port !== undefined) throw new UsageError('--port is for a page that is served: leave it out with --build');
  const reason = reasonToKeep(folder);
  if (reason) throw new UsageError(`--build ${folder} ${reason}: give a folder that is empty or not there yet`);
  const files = await buildPage();
  writePage(files, folder);
  const kilobytes = Math.ceil([...files.values()].reduce((sum, { length }) => sum + length, 0) / 1024);
  say(`${folder}: the page, ${files.size} files, ${kilobytes} KB. Browsers have WebGPU on https and localhost alone.`);
  return 0;
}

async function serveUntilStopped(port: number): Promise<number> {
  const files = await buildPage();
  const server = await serve(async (path) => files.get(path), port);
  say(`The page is at ${server.url} (Ctrl-C stops it)`);
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  await server.close();
  return 0;
}
