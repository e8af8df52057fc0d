// Puts CIFAR-10 where every command looks for it, or checks a copy that is there already: download, MD5, unpack.
import { parseArgs } from 'node:util';
import {
  CifarFormatError,
  cifar10Folder,
  DataNotFoundError,
  DownloadError,
  downloadCifar10,
  findCifar10,
  readCifar10,
} from 'astrogpu/data';

const usage = `usage: node datasets/cifar-10/prepare.js [--out DIR]

Downloads the binary version of CIFAR-10 (170 MB) from its home, checks its MD5 and unpacks it. Files that are there already
are checked and kept.

  --out DIR   where to put the files (default: datasets/cifar-10/data, where every command looks)
  --help      this text`;

// A reader that goes away (`| head`) stops no work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** The exit code. */
async function main(): Promise<number> {
  let options: { out: string; help: boolean };
  try {
    options = parseArgs({
      options: { out: { type: 'string', default: cifar10Folder }, help: { type: 'boolean', default: false } },
    }).values;
  } catch (error) {
    console.error(`prepare: ${(error as Error).message.split('\n')[0]} (see --help)`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  try {
    if (!(await findCifar10(options.out))) await downloadCifar10(options.out, console.log);
    const { train, test } = await readCifar10(options.out);
    console.log(
      `CIFAR-10 is in ${options.out}: ${train.count} training and ${test.count} test images, every SHA-256 right`,
    );
    return 0;
  } catch (error) {
    const known = [CifarFormatError, DataNotFoundError, DownloadError].some((kind) => error instanceof kind);
    if (!known) throw error;
    console.error(`prepare: ${(error as Error).message}`);
    return 1;
  }
}

process.exitCode = await main();
