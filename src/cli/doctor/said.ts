// What Dawn and the driver write to stderr when an adapter is asked for, put in words: two lines that every start has on some drivers, and whatever else they say.
import type { Finding } from './finding.ts';

/**
 * Findings for what was written, `besides` being what of it does not mean nothing. Dawn writes past this process, straight to its stderr, so that its lines cannot be
 * taken from other programs' starts without hiding what matters: they are explained here.
 */
export function saidFindings(stderr: string, besides: readonly string[]): Finding[] {
  const reduced = /^Warning: max\w+ artificially reduced/m.test(stderr);
  return [
    ...(reduced
      ? [
          {
            state: 'ok' as const,
            what: 'two lines "Warning: max…BuffersPerPipelineLayout artificially reduced …" at every start are Dawn\'s, and mean nothing: this driver offers more bindings of a kind than Dawn takes, and kernels here use none of it',
          },
        ]
      : []),
    ...besides.map((line) => ({ state: 'warning' as const, what: `Dawn or the driver says: ${line.trim()}` })),
  ];
}
