// Compiles every shader on Dawn's null backend, which needs no GPU: the true WGSL linter. A shader that takes constants names samples of them in lines
// `// variant: {"constants": {...}, "types": {...}}`; each variant is compiled. Run by `npm run check`.
import { pathToFileURL } from 'node:url';
import { NULL_BACKEND, provideGpu } from '../device/adapter.ts';
import { WANTED } from '../device/capabilities.ts';
import { assemble, loadShaders, type Prelude } from './shaders.ts';

/** The preludes that a shader's header names; one empty prelude where it names none. */
export function variantsOf(source: string): Prelude[] {
  const variants = [...source.matchAll(/^\/\/ variant: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json) as Prelude);
  return variants.length > 0 ? variants : [{}];
}

/** Compiles every entry point of every variant; returns one line for each error. */
export async function checkShaders(log: (line: string) => void = () => {}): Promise<string[]> {
  const sources = await loadShaders();
  const adapter = await (await provideGpu(NULL_BACKEND)).requestAdapter();
  if (!adapter) return ["Dawn's null backend gave no adapter"];
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED.filter((name) => adapter.features.has(name)),
  });
  const errors: string[] = [];
  let compiled = 0;
  for (const [name, source] of sources) {
    if (/^\s*\/\/ Include/.test(source)) continue;
    for (const variant of variantsOf(source)) {
      const code = assemble(name, variant);
      const entries = [...code.matchAll(/@compute[^{]*?\bfn (\w+)/g)].map(([, entry]) => entry);
      device.pushErrorScope('validation');
      const module = device.createShaderModule({ label: name, code });
      const messages = (await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error');
      if (messages.length === 0)
        for (const entryPoint of entries) {
          device.createComputePipeline({ label: name, layout: 'auto', compute: { module, entryPoint } });
          compiled++;
        }
      const refused = await device.popErrorScope();
      for (const { message, lineNum } of messages)
        errors.push(`shaders/${name}.wgsl, line ${lineNum} after its prelude: ${message.split('\n')[0]}`);
      if (messages.length === 0 && refused) errors.push(`shaders/${name}.wgsl: ${refused.message.split('\n')[0]}`);
    }
  }
  log(`${compiled} entry points of ${sources.size} shaders compiled`);
  device.destroy();
  return errors;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const errors = await checkShaders(console.log);
  for (const line of errors) console.error(line);
  process.exit(errors.length > 0 ? 1 : 0);
}
