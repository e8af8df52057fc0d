// What the floor of detectors throws: images, networks or results that cannot be used together.
import { AstroError } from '../gpu/index.ts';

/** A detector, or what it is to be trained on or measured by, that cannot be used. The message names which, and what to do. */
export class DetectError extends AstroError {}
