// What is advised where Dawn finds no adapter: to a project that has the package installed, nothing of this project's own.
import { expect, it } from 'vitest';
import { adapterAdvice } from '../../../src/gpu/device/dawn.ts';

const OURS = /node setup\.mjs|npm start|npm ci|npm run/;

it('is for whoever has the package installed', () => {
  const advice = adapterAdvice('file:///home/a/project/node_modules/astrogpu/dist/gpu/device/dawn.js');
  expect(advice).toMatch(/Vulkan.*mesa-vulkan-drivers.*npx astrogpu doctor/);
  expect(advice).not.toMatch(OURS);
});

it('names the set-up in the checkout of the package', () =>
  expect(adapterAdvice()).toMatch(/Vulkan.*`node setup\.mjs`/));
