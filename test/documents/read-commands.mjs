// Has the commands of documents read by their own parsers: each is asked for its help behind its options, which it gives once it has read these. All in one process, since a
// command takes a second to load. In: JSON, a list of { file, args }. Out: JSON, the code and what was said of each.
import { pathToFileURL } from 'node:url';

const commands = JSON.parse(process.argv[2]);
const results = [];
const write = process.stdout.write.bind(process.stdout);
for (const [i, { file, args }] of commands.entries()) {
  let said = '';
  const listen = (text) => {
    said += text;
    return true;
  };
  process.stdout.write = listen;
  process.stderr.write = listen;
  process.argv = [process.execPath, file, ...args, '--help'];
  const code = await new Promise((resolve, reject) => {
    process.exit = resolve;
    // Those that end by themselves have set their code by then.
    import(`${pathToFileURL(file)}?${i}`).then(
      () => process.exitCode !== undefined && resolve(process.exitCode),
      reject,
    );
  });
  process.exitCode = undefined;
  results.push({ code, said });
}
write(JSON.stringify(results));
