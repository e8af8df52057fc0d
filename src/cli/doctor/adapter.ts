// Node, the package that brings WebGPU, the adapter, and what it offers.
import { createRequire } from 'node:module';
import { AstroError, type Gpu, megabytes, TuningTableError } from '../../gpu/index.ts';
import { openGpu } from '../common/gpu.ts';
import type { Finding } from './finding.ts';
import { saidFindings } from './said.ts';

/** The part of setup-adapter.mjs that is asked here; it is plain JavaScript without declarations. */
interface SetupAdapter {
  probe(): { adapter?: unknown; stderr: string };
  adviceFor(stderr: string): { reason: string; advice: string };
  saidBesides(stderr: string): string[];
}

const OLDEST_NODE = 20;

export function nodeFinding(version: string): Finding {
  const old = Number.parseInt(version, 10) < OLDEST_NODE;
  return {
    state: old ? 'failure' : 'ok',
    what: `Node ${version}`,
    ...(old && { advice: `install Node ${OLDEST_NODE} or newer (https://nodejs.org)` }),
  };
}

/** The package that brings WebGPU, and the one by which an adapter's tables of kernel choices are read. */
function packageFinding(): Finding {
  const require = createRequire(import.meta.url);
  const missing = ['webgpu', 'valibot'].find((name) => {
    try {
      return !require.resolve(name);
    } catch {
      return true;
    }
  });
  return missing
    ? { state: 'failure', what: `the package ${missing} is not installed`, advice: 'run npm install' }
    : { state: 'ok', what: `package webgpu ${require('webgpu/package.json').version}` };
}

/** The adapter, opened, and what there is to say about it and its package. It is asked for in a process of its own first: a driver may crash. */
export async function adapterFindings(): Promise<{ gpu?: Gpu; findings: Finding[] }> {
  const webgpu = packageFinding();
  if (webgpu.state !== 'ok') return { findings: [webgpu] };
  const setup: SetupAdapter = await import(new URL('../../../setup-adapter.mjs', import.meta.url).href);
  const { adapter, stderr } = setup.probe();
  if (!adapter) {
    const { reason, advice } = setup.adviceFor(stderr);
    return { findings: [webgpu, { state: 'failure', what: `no WebGPU adapter: ${reason}`, advice }] };
  }
  const said = saidFindings(stderr, setup.saidBesides(stderr));
  try {
    const gpu = await openGpu();
    return { gpu, findings: [webgpu, adapterFinding(gpu), ...said, featureFinding(gpu), limitFinding(gpu)] };
  } catch (error) {
    const what = error instanceof AstroError ? error.message : String(error);
    if (error instanceof TuningTableError)
      return { findings: [webgpu, { state: 'failure', what, advice: 'until then no command starts' }] };
    return {
      findings: [
        webgpu,
        { state: 'failure', what, advice: 'the adapter is there and cannot be opened; update its driver' },
      ],
    };
  }
}

function adapterFinding({ adapter }: Gpu): Finding {
  const [, , device, driver] = adapter.key.split('|');
  const told = driver && !adapter.description.includes(driver) ? `; driver: ${driver}` : '';
  return {
    state: adapter.software ? 'warning' : 'ok',
    what: `adapter ${adapter.description}${device && !adapter.description.includes(device) ? `, ${device}` : ''}${told}`,
    ...(adapter.software && {
      advice:
        "everything works, at a fraction of the speed of a GPU; with one, install its vendor's driver with Vulkan (Metal, Direct3D 12)",
    }),
  };
}

function featureFinding({ adapter, capabilities }: Gpu): Finding {
  const { f16, subgroups, timestamps, matrix } = capabilities;
  const { subgroupMinSize: least, subgroupMaxSize: most } = adapter;
  const missing = [
    !f16 && 'shader-f16 (--precision f16 is refused)',
    !subgroups && 'subgroups (reductions take longer)',
    !timestamps && 'timestamp-query (--profile cannot time kernels)',
  ].filter((name) => name !== false);
  const there = [
    f16 && 'f16',
    subgroups && `subgroups of ${least === most ? least : `${least} to ${most}`}`,
    timestamps && 'timestamps',
    matrix ? `matrix units ${matrix.M}×${matrix.N}×${matrix.K}` : 'no matrix units',
  ].filter((name) => name !== false);
  return {
    state: missing.length > 0 ? 'warning' : 'ok',
    what: `features: ${there.join(', ')}`,
    ...(missing.length > 0 && { advice: `missing: ${missing.join('; ')}; a newer driver may have it` }),
  };
}

/** What every WebGPU device should bind. */
const SMALL_BUFFER = 2 ** 27;

function limitFinding({ device: { limits } }: Gpu): Finding {
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup: lanes } = limits;
  const { maxComputeWorkgroupStorageSize: shared } = limits;
  const small = Math.min(maxBufferSize, maxStorageBufferBindingSize) < SMALL_BUFFER;
  return {
    state: small ? 'warning' : 'ok',
    what: `limits: buffers of ${megabytes(maxBufferSize)}, of which a kernel sees ${megabytes(maxStorageBufferBindingSize)}; workgroups of ${lanes} lanes with ${shared / 1024} KiB`,
    ...(small && { advice: 'large batches will not fit; take a smaller --batch' }),
  };
}
