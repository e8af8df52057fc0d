// What the page tells somebody whose browser gives it no GPU, by what browsers call themselves.
import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../page/worker/machine.ts';

const LIKE_GECKO = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const AGENTS = {
  'Firefox on Linux': 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
  'Chrome on Android': `Mozilla/5.0 (Linux; Android 10; K) ${LIKE_GECKO} Chrome/140.0.0.0 Mobile Safari/537.36`,
  'Chrome on Linux': `Mozilla/5.0 (X11; Linux x86_64) ${LIKE_GECKO} Chrome/140.0.0.0 Safari/537.36`,
  'Edge on Windows': `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${LIKE_GECKO} Chrome/110.0.0.0 Safari/537.36 Edg/110.0.0.0`,
  'Safari on a Mac':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
  'another one': 'Lynx/2.9',
};

describe('advice', () => {
  it.each<[keyof typeof AGENTS, RegExp, RegExp]>([
    ['Firefox on Linux', /141 on Windows, .*Nightly\.$/, /about:support.*about:config/],
    ['Chrome on Android', /121 on, on Android 12/, /from Android 12 on/],
    ['Chrome on Linux', /144 .*Intel.* 147 .*NVIDIA; else start it with --/, /start it with --.*chrome:\/\/gpu/],
    ['Edge on Windows', /113 on\.$/, /"Use graphics acceleration when available"/],
    ['Safari on a Mac', /26 on\.$/, /update the system/],
    ['another one', /Take a current Chrome, Edge, Firefox or Safari\.$/, /another browser\.$/],
  ])('for %s fits it', (name, missing, noAdapter) => {
    const userAgent = AGENTS[name];
    const without = adviceFor({ secure: true, webgpu: false, userAgent });
    expect(without).toMatch(/^This browser has no WebGPU\. /);
    expect(without).toMatch(missing);
    const found = adviceFor({ secure: true, webgpu: true, userAgent });
    expect(found).toMatch(/^This browser has WebGPU and found no GPU for it\. /);
    expect(found).toMatch(noAdapter);
    expect(adviceFor({ secure: false, webgpu: false, userAgent })).toMatch(
      /^Browsers have WebGPU on secure pages alone/,
    );
  });
});
