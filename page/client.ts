// The page's end of the protocol: calls as promises, and events to one listener. It talks to anything that posts messages, so that tests put the trainer behind a MessageChannel in Node.
import type { CallName, Calls, Message, TrainerEvent } from './protocol.ts';

/** A Worker or a MessagePort. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Message>) => void): void;
  /** Of a MessagePort. */
  start?(): void;
}

/** A call, and its answer. Rejects with an Error whose message is one line for people. */
export type Call = <N extends CallName>(name: N, ...given: Given<N>) => Promise<Calls[N][1]>;

/** What a call is given: nothing where it takes nothing. */
type Given<N extends CallName> =
  Calls[N][0] extends Record<never, never> ? ([keyof Calls[N][0]] extends [never] ? [] : [given: Calls[N][0]]) : never;

/** Listens to a worker, and returns how it is called. */
export function connect(port: Port, listen: (event: TrainerEvent) => void): Call {
  const waiting = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>();
  let calls = 0;
  port.addEventListener('message', ({ data }) => {
    if ('event' in data) {
      listen(data.event);
      return;
    }
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) asked?.reject(new Error(data.error));
    else asked?.resolve(data.answer as never);
  });
  port.start?.();
  return (name, ...[given = {}]) =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      waiting.set(id, { resolve, reject });
      port.postMessage({ id, call: name, with: given });
    });
}
