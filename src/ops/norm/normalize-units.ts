// What layerNorm, rmsNorm, groupNorm and instanceNorm are once they know what shares a mean and a deviation.
import { empty, needScalars, record, type Tensor, writeOrDiscard } from '../../tensor/index.ts';
import { normalizeUnits, type UnitNorm, type Units, unitSums, unitsGradient } from './kernels/units.ts';

const gradientsOfNothing: Parameters<typeof record>[3] = (_, sink) => {
  for (const i of [0, 1, 2]) sink.write(i, (out) => out.gpu.fill(out.slice, 0));
};

/** x normalized unit by unit, in its shape and dtype; differentiable in x, weight and bias. Throws TensorError for an eps that means nothing. */
export function normalizedUnits(op: string, x: Tensor, units: Units, norm: UnitNorm): Tensor {
  const { eps, weight, bias } = norm;
  needScalars(op, { eps });
  const y = empty(x.gpu, x.shape, op, x.dtype);
  if (x.size === 0)
    return record(
      op,
      y,
      [x, weight, bias].filter((one) => one !== undefined),
      gradientsOfNothing,
    );
  const moments = normalizeUnits(op, x, y, units, norm);
  const parameters = [weight, bias].filter((one) => one !== undefined);
  return record(
    op,
    y,
    [x, ...parameters],
    (dy, sink) => {
      const given = { x, dy, moments };
      sink.write(0, (dx) => unitsGradient(op, given, dx, units, norm));
      if (!parameters.some((_, i) => sink.wants(i + 1))) return;
      const into = (one: Tensor | undefined, use: (out?: Tensor) => void): void => {
        if (one) writeOrDiscard(sink, 1 + parameters.indexOf(one), one, use);
        else use();
      };
      into(weight, (dWeight) => into(bias, (dBias) => unitSums(op, given, { dWeight, dBias }, units)));
    },
    [moments],
    { eps, channels: units.channels, zeros: units.zeros },
  );
}
