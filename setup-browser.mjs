// The browser half of the tests' set-up: where a Chromium is, and what installs one. On Debian as root it installs Debian's itself; without any, tests that need one are
// skipped by name. Plain JavaScript for the same reason as setup.mjs.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptGet, parseOsRelease } from './setup-adapter.mjs';

/** As distributions and vendors call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
/** Where it stands on systems that have no PATH for programs with windows. */
const PLACES = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};
const INSTALL = ['install', '-y', '--no-install-recommends', 'chromium'];

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The browser for tests: $CHROME_PATH, which decides alone where it is set, else the first of the usual ones.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findBrowser(env = process.env) {
  if (env.CHROME_PATH) return isProgram(env.CHROME_PATH) ? env.CHROME_PATH : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const places = /** @type {Record<string, string[]>} */ (PLACES)[process.platform] ?? [];
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...places].find(isProgram);
}

/**
 * What gives this system a browser: apt-get's arguments where a package does, and the advice for a person. Ubuntu's package of the name only asks for a snap,
 * which containers cannot have.
 * @param {Record<string, string>} os parsed os-release, {} where there is none
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{install?: string[], advice: string}}
 */
export function browserPlan(os, env = process.env) {
  if (env.CHROME_PATH) return { advice: `$CHROME_PATH names no program (${env.CHROME_PATH}); correct it or unset it` };
  const family = [os.ID, ...(os.ID_LIKE ?? '').split(' ')];
  if (family.includes('ubuntu')) return { advice: 'install Google Chrome, or Chromium: sudo snap install chromium' };
  if (!family.includes('debian')) return { advice: 'install Chromium or Google Chrome, or name one by $CHROME_PATH' };
  return { install: INSTALL, advice: `sudo apt-get update && sudo apt-get ${INSTALL.join(' ')}` };
}

/** Announces the browser, or installs Debian's where that is this script's to do. Without one it says what to do, and that is all. */
export function ensureBrowser() {
  const found = findBrowser();
  if (found) return console.log(`set-up: browser ${found}`);
  const release = '/etc/os-release';
  const { install, advice } = browserPlan(existsSync(release) ? parseOsRelease(readFileSync(release, 'utf8')) : {});
  if (install && process.getuid?.() === 0) {
    console.log(`set-up: installing Chromium for the tests (apt-get ${install.join(' ')})`);
    aptGet(['update', '-q']);
    if (aptGet(install) && findBrowser()) return console.log(`set-up: browser ${findBrowser()}`);
  }
  console.error(`set-up: no browser, so tests in one are skipped. To have them:\n  ${advice}`);
}
