// The adapter half of the set-up: is there a WebGPU adapter, and if not, why not and what installs one. On Debian and Ubuntu as root it
// installs Mesa's software Vulkan itself. Plain JavaScript for the same reason as setup.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const sourceFile = '/etc/apt/sources.list.d/astrogpu-backports.list';

/** A failure whose message is all a person needs. */
export class SetupError extends Error {}

/**
 * @param {string} text of /etc/os-release
 * @returns {Record<string, string>}
 */
export function parseOsRelease(text) {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, key, value]) => [key, value.trim().replace(/^(["'])(.*)\1$/, '$2')]));
}

/**
 * How to install Mesa's software Vulkan here: the apt source to add, if one is needed, and apt-get's arguments. Debian 12's own Mesa
 * (22.3) is too old for Dawn, so it comes from backports, from the mirror that is configured. Undefined if this is neither Debian nor Ubuntu.
 * @param {Record<string, string>} os parsed os-release
 * @param {string} sources the text of all apt sources
 * @returns {{source: string | undefined, install: string[]} | undefined}
 */
export function mesaPlan(os, sources) {
  const family = [os.ID, ...(os.ID_LIKE ?? '').split(' ')];
  if (!family.includes('debian') && !family.includes('ubuntu')) return undefined;
  const install = ['install', '-y', '--no-install-recommends'];
  if (os.VERSION_CODENAME !== 'bookworm') return { source: undefined, install: [...install, 'mesa-vulkan-drivers'] };
  const active = sources.replace(/^\s*#.*$/gm, '');
  const mirror = /(https?:\/\/\S+\/debian)\/?\s/.exec(active)?.[1] ?? 'http://deb.debian.org/debian';
  return {
    source: /\bbookworm-backports\b/.test(active) ? undefined : `deb ${mirror} bookworm-backports main`,
    install: [...install, '-t', 'bookworm-backports', 'mesa-vulkan-drivers'],
  };
}

/**
 * The plan as one line to paste into a shell.
 * @param {{source: string | undefined, install: string[]}} plan
 * @returns {string}
 */
export function planAsCommand(plan) {
  const add = plan.source ? [`echo '${plan.source}' | sudo tee ${sourceFile}`] : [];
  return [...add, 'sudo apt-get update', `sudo apt-get ${plan.install.join(' ')}`].join(' && ');
}

/** Lines that mean nothing for a start that fails: the first Dawn writes at every start on some drivers. */
const HARMLESS = /^(?:Warning: maxDynamic\w+ artificially reduced|.*XDG_RUNTIME_DIR)/;

/**
 * What Dawn and the driver wrote to stderr besides what means nothing, as lines.
 * @param {string} stderr
 */
export const saidBesides = (stderr) => stderr.split('\n').filter((line) => line.trim() && !HARMLESS.test(line));

/**
 * Why Dawn found no adapter, from what it wrote to stderr: `none` (no loader or no driver), `old` (a driver it refuses), `other`.
 * @param {string} stderr
 * @returns {{kind: 'none' | 'old' | 'other', reason: string}}
 */
export function diagnose(stderr) {
  if (/Couldn't load Vulkan/i.test(stderr))
    return { kind: 'none', reason: 'there is no Vulkan loader (libvulkan.so.1)' };
  if (/Found no drivers|INCOMPATIBLE_DRIVER/.test(stderr)) return { kind: 'none', reason: 'there is no Vulkan driver' };
  if (/ArrayDynamicIndexing/.test(stderr))
    return { kind: 'old', reason: 'the Vulkan driver is too old (Mesa 22 or earlier)' };
  if (/GLIBC(XX)?_|ERR_DLOPEN_FAILED/.test(stderr)) {
    return {
      kind: 'other',
      reason: 'the package webgpu does not load here (it needs glibc 2.34 and libstdc++ 6.0.30 or newer)',
    };
  }
  const [said] = saidBesides(stderr);
  return said ? { kind: 'other', reason: said.trim() } : { kind: 'none', reason: 'no Vulkan device answered' };
}

/** Asks for an adapter in a process of its own: a driver that crashes must not take the set-up along. */
export function probe() {
  // Dawn aborts the process if the object that create() returned is collected.
  const code = `import { create } from 'webgpu';
    globalThis.dawn = create([]);
    const adapter = await globalThis.dawn.requestAdapter();
    if (adapter) {
      const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
      console.log(JSON.stringify({ name: description || device || vendor, vendor, architecture, software: isFallbackAdapter }));
    }`;
  const args = ['--input-type=module', '-e', code];
  const child = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
  const line = child.stdout.split('\n').find((text) => text.startsWith('{'));
  return { adapter: line ? JSON.parse(line) : undefined, stderr: child.stderr };
}

/** @param {{name: string, vendor: string, architecture: string, software: boolean}} adapter */
function announce(adapter) {
  const kind = adapter.software
    ? 'a software adapter: everything works, at a fraction of the speed of a GPU'
    : adapter.vendor;
  console.log(`set-up: adapter ${adapter.name} (${kind})`);
}

function aptSources() {
  const parts = '/etc/apt/sources.list.d';
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)) : [];
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(parts, name))];
  return files
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** A device node of a real GPU, whose driver is its owner's business. */
function gpuDevice() {
  const render = existsSync('/dev/dri') ? readdirSync('/dev/dri').filter((name) => name.startsWith('render')) : [];
  return [...render.map((name) => `/dev/dri/${name}`), '/dev/nvidiactl', '/dev/dxg'].find((path) => existsSync(path));
}

/**
 * Why there is no adapter and what to do about it, from what Dawn wrote to stderr; `plan` where this set-up can do it as root, `gpu` where there is a device
 * whose driver is missing.
 * @param {string} stderr
 * @returns {{reason: string, advice: string, plan?: {source: string | undefined, install: string[]}, gpu?: string}}
 */
export function adviceFor(stderr) {
  const { kind, reason } = diagnose(stderr);
  if (process.platform !== 'linux')
    return { reason, advice: 'a GPU with a current driver is needed (Metal on macOS, Direct3D 12 on Windows)' };
  const chosen = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((name) => process.env[name]);
  if (chosen)
    return {
      reason,
      advice: `$${chosen} chooses the driver (${process.env[chosen]}), which gave no adapter; correct it or unset it`,
    };
  if (kind === 'other')
    return {
      reason,
      advice: `no driver is missing, so installing one would not help; Dawn said:\n${stderr.trim()}`,
    };
  const plan = existsSync('/etc/os-release')
    ? mesaPlan(parseOsRelease(readFileSync('/etc/os-release', 'utf8')), aptSources())
    : undefined;
  if (!plan)
    return {
      reason,
      advice:
        'install a Vulkan driver for this machine (software: mesa-vulkan-drivers on Fedora, vulkan-swrast on Arch), then run this again',
    };
  const command = planAsCommand(plan);
  const gpu = gpuDevice();
  if (kind === 'old' && gpu)
    return { reason, advice: `${gpu} has a driver, which is left alone. Update it, or Mesa with:\n  ${command}` };
  return {
    reason,
    advice: `installing one needs root. Run this, then the same command again:\n  ${command}`,
    plan,
    gpu,
  };
}

/**
 * Runs apt-get without questions, its output on ours; false if it failed.
 * @param {string[]} args
 * @returns {boolean}
 */
export function aptGet(args) {
  const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const env = { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { env, stdio: 'inherit' }).status === 0;
}

/** Announces the adapter, or installs the software one where that is this script's to do. Throws SetupError where it is not, or fails. */
export function ensureAdapter() {
  const first = probe();
  if (first.adapter) return announce(first.adapter);
  const { reason, advice, plan, gpu } = adviceFor(first.stderr);
  console.error(`set-up: no WebGPU adapter: ${reason}`);
  if (!plan || process.getuid?.() !== 0) throw new SetupError(advice);

  if (gpu)
    console.log(
      `set-up: ${gpu} is there without a Vulkan driver: its vendor's driver would be much faster than what follows`,
    );
  console.log(`set-up: installing Mesa's software Vulkan (apt-get ${plan.install.join(' ')})`);
  if (plan.source) writeFileSync(sourceFile, `${plan.source}\n`);
  aptGet(['update', '-q']);
  if (!aptGet(plan.install))
    throw new SetupError(`apt-get failed; its reason stands above. By hand:\n  ${planAsCommand(plan)}`);
  const second = probe();
  if (!second.adapter)
    throw new SetupError(`Mesa is installed, but there is still no adapter: ${diagnose(second.stderr).reason}`);
  announce(second.adapter);
}
