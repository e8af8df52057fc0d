// A module of its own, so that every step of the compaction can throw it.
import { AstroError } from '../gpu/index.ts';

/** A network that cannot be compacted, or gates that are not its own. */
export class CompactError extends AstroError {}
