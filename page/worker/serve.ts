// The worker's end of the protocol: calls that come in are done by a trainer and answered, each with its result or with one line that says why not.
import { AstroError } from 'astrogpu/gpu';
import type { Port } from '../client.ts';
import type { CallName, Calls, Message, Request, TrainerEvent } from '../protocol.ts';

/** What does the calls. */
export type Answers = { [N in CallName]: (given: Calls[N][0]) => Promise<Calls[N][1]> };

/** Gives an event to the page. */
export type Emit = (event: TrainerEvent) => void;

/** Where requests come in: a Worker's own scope, or a MessagePort. */
export type ServerPort = Omit<Port, 'addEventListener'> & {
  addEventListener(type: 'message', listener: (event: MessageEvent<Request>) => void): void;
};

/** Binds a trainer, which is made with the way to the page, to a port, and returns it. */
export function serve<T extends Answers>(port: ServerPort, make: (emit: Emit) => T): T {
  const say = (message: Message): void => port.postMessage(message, arraysOf(message));
  const trainer = make((event) => say({ event }));
  port.addEventListener('message', async ({ data: { id, call, with: given } }) => {
    try {
      if (!Object.hasOwn(CALLS, call)) throw new AstroError(`there is no call "${call}"`);
      const answer = await (trainer[call] as (given: unknown) => Promise<unknown>).call(trainer, given);
      say({ id, answer });
    } catch (error) {
      say({ id, error: inOneLine(error) });
    }
  });
  port.start?.();
  return trainer;
}

const CALLS: Record<CallName, true> = {
  open: true,
  data: true,
  start: true,
  pause: true,
  resume: true,
  reset: true,
  explain: true,
  predict: true,
  profile: true,
  save: true,
  load: true,
  loseDevice: true,
};

/** An error for people. */
export function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, name } = error;
  const [line] = (message || name).split('\n');
  return error instanceof AstroError && error.details.length > 0 ? `${line}: ${error.details.join('; ')}` : line;
}

/** The memory of arrays in a message, which goes over to whoever gets it; of views of a part of something nothing, for others may look at the rest. */
function arraysOf(message: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const look = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteLength } = value;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) found.add(buffer);
    } else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) look(part);
  };
  look(message);
  return [...found];
}
