// When a loss is not finite: says which tensor went bad first. The optimizers stopped (foundNonFinite) and kept the weights as they were, so the same forward pass shows it again.
import type { ImageBatchSource } from '../../data/index.ts';
import { ConfigError } from '../../gpu/index.ts';
import type { Network } from '../../models/index.ts';
import { BATCH_STATS, type Loss, type Pass } from '../../nn/index.ts';
import { ALL_FINITE, cast, firstNonFinite } from '../../ops/index.ts';
import { keep, noGrad, scope, shapeText, type Tensor, traceOps } from '../../tensor/index.ts';
import type { JobConfig } from '../config.ts';
import type { Stage, StageSnapshot } from './stage.ts';
import { type Batch, lossOf } from './updates.ts';

/** Training stopped at a loss that is NaN or infinite. Its field is the learning rate that a lower one may help. */
export class NonFiniteLossError extends ConfigError {}

/** Throws NonFiniteLossError, with what was bad first, where a stage's reading has a loss that is not finite. */
export async function checkFinite(
  stage: Stage,
  reading: StageSnapshot,
  { precision }: Pick<JobConfig, 'precision'>,
): Promise<void> {
  const { nn, an } = reading;
  const bad = nn.badStep
    ? { of: 'the network', rate: 'lr', step: nn.badStep }
    : an?.badStep
      ? { of: 'the astrocyte', rate: 'anLr', step: an.badStep }
      : undefined;
  if (!bad) return;
  const first = await stage.diagnose(reading);
  throw new NonFiniteLossError(
    bad.rate,
    (name) =>
      `the loss of ${bad.of} is not finite at update ${bad.step} of the ${stage.phase} phase (${stage.arm}); first bad tensor: ${first ?? 'none in the forward pass, so a gradient or a penalty'}; try a lower ${name(bad.rate)}${precision === 'f16' ? ` or ${name('precision', 'f32')}` : ''}`,
  );
}

/** Fills a stream's batch with that of an earlier draw of this epoch, counted from 0 over all epochs. */
export async function replayBatch(stream: ImageBatchSource, draw: number): Promise<void> {
  await stream.seek(draw);
  stream.next();
}

/** How the step was made in which to look. */
export interface DiagnoseOptions {
  /** Runs the forward pass under its gates. Default: plainly. */
  gated?: <T>(fn: () => T) => T;
  /** Default BATCH_STATS. */
  pass?: Pass;
  /** Default cross-entropy. */
  loss?: Loss;
}

/** The first tensor that is not finite: batch, then parameters, then results in forward order; `undefined` if all are finite. */
export async function findFirstNonFinite(
  networks: ReadonlyMap<string, { arena: { tensors: Map<string, Tensor> } }>,
  network: Network,
  batch: Batch,
  { gated = (fn) => fn(), pass = BATCH_STATS, loss = lossOf({}) }: DiagnoseOptions = {},
): Promise<string | undefined> {
  const found: { what: string; at: Tensor }[] = [];
  const look = (what: string, tensor: Tensor): void => {
    if (tensor.dtype !== 'f32' && tensor.dtype !== 'f16') return;
    const seen = noGrad(() => cast(tensor, 'f32'));
    found.push({ what: `${what} ${shapeText(tensor.shape)}`, at: keep(firstNonFinite(seen)) });
    seen.release();
  };
  look('the batch of images', batch.x);
  for (const [prefix, { arena }] of networks)
    for (const [name, tensor] of arena.tensors) look(`parameter ${prefix}${name}`, tensor);
  noGrad(() =>
    scope(() => {
      let number = 0;
      traceOps(
        (op, output, inputs) => {
          const parameter = inputs.find(({ requiresGrad, node }) => requiresGrad && !node);
          look(`result ${++number} of the forward pass, ${op}${parameter ? ` with ${parameter.label}` : ''}`, output);
        },
        () =>
          loss(
            gated(() => network.forward(batch.x, pass)),
            batch.y,
          ),
      );
    }),
  );
  let first: string | undefined;
  for (const { what, at } of found) {
    const index = await at.item();
    at.release();
    if (index !== ALL_FINITE) first ??= `${what}, element ${index}`;
  }
  return first;
}
