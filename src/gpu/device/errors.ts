// The errors of the machine floor. Each says in one line what was asked, what stood in the way and what to do.

/** Names of files and tensors may hold line ends and a terminal's control characters; a message shows them as JSON has them. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
const escaped = (character: string): string =>
  ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character] ??
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const plain = (text: string): string => text.replace(CONTROL, escaped);

/** Base of every error astrogpu throws on purpose: a command prints its message, one line without a stack, and its details below it. */
export class AstroError extends Error {
  /** A line for each thing that the message has only some of. Mostly none. */
  details: readonly string[] = [];

  constructor(message?: string) {
    super(message === undefined ? undefined : plain(message));
  }

  /** The error with details. */
  listing(details: readonly string[]): this {
    this.details = details.map(plain);
    return this;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** What a message calls a setting: `lr`, or on a command line `--lr`; with a value `lr 0.1`. */
export type SettingName = (field: string, value?: unknown) => string;

/**
 * A setting that cannot be. Its message calls settings by their fields; whoever offers them under other names, as a command line does, has it said
 * with those by `named`.
 */
export class ConfigError extends AstroError {
  /** The setting to blame. */
  readonly field: string;
  /** The message, with settings called by what the function makes of their fields. */
  readonly named: (name: SettingName) => string;

  constructor(field: string, message: (name: SettingName) => string) {
    super(message((name, value) => (value === undefined ? name : `${name} ${value}`)));
    this.field = field;
    this.named = message;
  }
}

/** No WebGPU adapter answered. The message says what to install on this system. */
export class NoAdapterError extends AstroError {}

/** A request for GPU memory that the budget or the device cannot meet. Names the tensor, the request, the largest holders, and the setting that would help. */
export class OutOfMemoryError extends ConfigError {
  /** What was asked, and what stood in the way. */
  readonly reason: string;

  /** `fields` are the settings that would make it fit, smaller; a batch unless somebody knows better. */
  constructor(reason: string, fields: readonly string[] = ['batch']) {
    super(fields[0], (name) => `${reason}; try a smaller ${fields.map((field) => name(field)).join(' or ')}`);
    this.reason = reason;
  }

  /** The same, with the settings that would help where it happened. */
  advising(...fields: string[]): OutOfMemoryError {
    return new OutOfMemoryError(this.reason, fields);
  }
}

/** Runs `fn`; where it runs out of memory, the error names the settings that would help. */
export function advising<T>(fields: readonly string[], fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw error instanceof OutOfMemoryError ? error.advising(...fields) : error;
  }
}

/** The device went away. `running` is the label of what was submitted last. */
export class DeviceLostError extends AstroError {
  /** Label of what was submitted last. */
  readonly running: string;
  constructor(reason: string, running: string) {
    super(
      `the GPU device was lost (${reason}) while running ${running}; open a new one and resume from the last checkpoint`,
    );
    this.running = running;
  }
}

/** A kernel that does not compile, or whose bindings do not match its source. The Gpu stays of use. */
export class KernelError extends AstroError {
  /** Line of the source of one's own, from 1, where the mistake is in one. */
  readonly line?: number;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/** WebGPU refused a command. The message is the implementation's own. */
export class ValidationError extends AstroError {}

/** A call that has no meaning where it stands: an upload inside a capture, a second capture inside the first. */
export class CaptureError extends AstroError {}

/** A file of kernel choices that is damaged; the message names the file, the place in it, what was found and what is wanted. */
export class TuningTableError extends AstroError {
  /** The file. */
  readonly file: string;
  constructor(file: string, reason: string) {
    super(`${file}: ${reason}; remove the file, and measure anew (gpu.tuner.tune())`);
    this.file = file;
  }
}
