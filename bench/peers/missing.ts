// What is said where the package of a peer is not there.
import { AstroError } from 'astrogpu/gpu';

/** For `import(...).catch`: the package of a peer is not installed. */
export const missing =
  (name: string) =>
  (error: Error): never => {
    throw new AstroError(`${name} does not load (${error.message.split('\n')[0]}); run npm ci --include=dev`);
  };
