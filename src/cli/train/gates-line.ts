// What an astrocyte costs, as a line for people: said before anything is trained, since maps of connections can cost more than the network.
import type { AstrocyteCost } from '../../astro/index.ts';
import { megabytes } from '../../gpu/index.ts';
import { formatCount, formatFlops } from '../../report/index.ts';
import type { JobConfig } from '../../train/index.ts';

export function gatesLine(
  { gates, maps, shapes, parameters, macs, bytes }: AstrocyteCost,
  { gate, an, T }: Pick<JobConfig, 'gate' | 'an' | 'T'>,
): string {
  const images = gate === 'connection' ? `${formatCount(maps)} maps of ${shapes} shapes` : 'one map 64 wide';
  return (
    `gates: ${formatCount(gates)} (${gate}), as many features in ${images}; the astrocyte ${an}: ${formatCount(parameters)} parameters, ` +
    `${formatFlops(2 * macs)} for a P (${formatFlops(macs, 'MACs')}), ${T} times that for T = ${T}, about ${megabytes(bytes)} in an update`
  );
}
