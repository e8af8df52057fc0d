// A static server on this machine's own address, for the page and for tests of it: what it serves is files by name, from a folder or from memory.
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { AstroError } from 'astrogpu/gpu';

/** The bytes of a file by its path without a leading slash, or undefined where there is none. */
export type Files = (path: string) => Promise<Uint8Array | undefined>;

export interface Server {
  /** With a slash at its end. */
  url: string;
  /** Ends open connections, too. */
  close(): Promise<void>;
}

/** As hosts know them; a module is refused by browsers under any other type than JavaScript's. */
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.wgsl': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

const typeOf = (path: string): string => TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';

/** The files of a folder and of those in it, read as they are asked for; nothing outside of it. */
export const filesIn =
  (folder: string): Files =>
  (path) =>
    path.split(/[\\/]/).includes('..')
      ? Promise.resolve(undefined)
      : readFile(join(folder, path)).catch(() => undefined);

/**
 * Serves on 127.0.0.1, which browsers take for secure, as WebGPU needs it; a path that ends with a slash is its index.html. `port` 0 is any free one.
 * Throws AstroError where the port cannot be had.
 */
export async function serve(files: Files, port = 0): Promise<Server> {
  const server = createServer(async ({ url = '/', method = 'GET' }, response) => {
    if (method !== 'GET' && method !== 'HEAD') return end(response, 405, 'only GET and HEAD\n');
    const path = pathOf(url);
    const bytes = path === undefined ? undefined : await files(path);
    if (bytes === undefined) return end(response, 404, `there is no ${path ?? url}\n`);
    end(response, 200, bytes, typeOf(path!));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      reject(new AstroError(refusal(port, code ?? message))),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Without query and escapes; undefined where the escapes are none. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/, '')).replace(/^\/+/, '');
    return path === '' || path.endsWith('/') ? `${path}index.html` : path;
  } catch {
    return undefined;
  }
}

function end(response: ServerResponse, status: number, body: string | Uint8Array, type = TYPES['.txt']): void {
  // What is built anew is to be seen at the next look.
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function refusal(port: number, code: string): string {
  if (code === 'EADDRINUSE') return `port ${port} is taken: give another, or 0 for any that is free`;
  if (code === 'EACCES') return `port ${port} is not for everybody: give one from 1024 on, or 0 for any that is free`;
  return `nothing can be served on port ${port} (${code})`;
}
