// Whether this machine can decode by libjpeg-turbo itself: the package koffi and the system's library. Tests that need it are skipped elsewhere.
import { needDecoder } from '../../src/data/transform/turbo-jpeg.ts';

export const HAS_TURBO = await needDecoder('turbo').then(
  () => true,
  () => false,
);
