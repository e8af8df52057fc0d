// The program of the worker that trains: a trainer behind the worker's own port.
import { type ServerPort, serve } from './serve.ts';
import { Trainer } from './trainer.ts';

serve(self as unknown as ServerPort, (emit) => new Trainer({ emit }));
