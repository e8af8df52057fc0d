// What export throws: a network, a state dict or options that cannot become a file.
import { AstroError } from '../gpu/index.ts';

/** A network that cannot be exported. The message names the model or the file, and the reason. */
export class ExportError extends AstroError {}
