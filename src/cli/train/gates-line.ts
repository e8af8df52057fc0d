// What an astrocyte costs, as a line for people: said before anything is trained, since maps of connections can cost more than the network.
import { megabytes } from '../../gpu/index.ts';
import { formatCount, formatFlops } from '../../report/index.ts';
import type { GateCost } from '../../train/index.ts';

export function gatesLine({
  cost: { gates, maps, shapes, parameters, macs, bytes },
  config: { gate, an, T },
  role,
}: {
  cost: GateCost['cost'];
  config: Pick<GateCost['config'], 'gate' | 'an' | 'T'>;
  role?: GateCost['role'];
}): string {
  const whose = role === 'paper' ? 'gates of the paper AN' : 'gates';
  const images = gate === 'connection' ? `${formatCount(maps)} maps of ${shapes} shapes` : 'one map 64 wide';
  return (
    `${whose}: ${formatCount(gates)} (${gate}), as many features in ${images}; the astrocyte ${an}: ${formatCount(parameters)} parameters, ` +
    `${formatFlops(2 * macs)} for a P (${formatFlops(macs, 'MACs')}), ${T} times that for T = ${T}, about ${megabytes(bytes)} in an update`
  );
}
