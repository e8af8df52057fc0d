// The training step in jax-js: one jitted function from state and batch to loss and new state, differentiated by valueAndGrad.
// Everything passed to jax-js is consumed, so a value that is used again goes in as `.ref`.
import type { Array as Values } from '@jax-js/jax';
import type { PreparedTask, StepTask, Weights } from './comparison.ts';
import type { JaxLibrary } from './jax-kernels.ts';
import { CHANNELS_FIRST, OUTPUTS_FIRST, OUTPUTS_LAST, permuted, permutedShape } from './layout.ts';
import { blocksOf, firstStep } from './step-task.ts';

const EPSILON = 1e-5;
/** Weight of a batch in the running statistics. */
const RUNNING = 0.1;

type Named = Record<string, Values>;
type State = { weights: Named; momenta: Named; running: Named };

/** `initial` is asked for at the first step: the weights to start from. */
export function jaxStep(jax: JaxLibrary, task: StepTask, initial: () => Weights): PreparedTask {
  const { jit, tree, blockUntilReady, numpy: np } = jax;
  const { shape, labels, classes } = task;
  const images = np.array(permuted(task.images, shape, CHANNELS_FIRST), {
    shape: permutedShape(shape, CHANNELS_FIRST),
  });
  const oneHot = new Float32Array(labels.length * classes);
  for (const [i, label] of labels.entries()) oneHot[i * classes + label] = 1;
  const targets = np.array(oneHot, { shape: [labels.length, classes] });
  const step = jit(trainingStep(jax, task));
  let state: State;
  let loss: Values | undefined;
  const run = (): void => {
    loss?.dispose();
    const next = step(state, images.ref, targets.ref);
    state = next.state;
    loss = next.loss;
  };
  return {
    run,
    // Every output of a jitted function waits for all of it: one is enough, and asking each costs a submit.
    idle: async () => {
      await blockUntilReady(loss!);
    },
    async results() {
      const before = initial();
      state = initialState(jax, before);
      run();
      const after = new Map<string, Float32Array>();
      for (const [name, { shape }] of before) {
        const values = (await state.weights[name].ref.data()) as Float32Array;
        after.set(
          name,
          shape.length === 4 ? permuted(values, permutedShape(shape, OUTPUTS_FIRST), OUTPUTS_LAST) : values,
        );
      }
      return firstStep((await loss!.ref.data()) as Float32Array, before, after);
    },
    release() {
      loss?.dispose();
      tree.dispose(state);
      tree.dispose([images, targets]);
      step.dispose();
    },
  };
}

/** Weights as OIHW, momenta 0, running means 0 and variances 1. */
function initialState({ numpy: np }: JaxLibrary, initial: Weights): State {
  const state: State = { weights: {}, momenta: {}, running: {} };
  for (const [name, { shape, values }] of initial) {
    const filter = shape.length === 4;
    const own = filter ? permutedShape(shape, OUTPUTS_FIRST) : [...shape];
    state.weights[name] = np.array(filter ? permuted(values, shape, OUTPUTS_FIRST) : values, { shape: own });
    state.momenta[name] = np.array(new Float32Array(values.length), { shape: own });
    if (shape.length > 1 || !name.endsWith('.weight')) continue;
    const norm = name.slice(0, -'.weight'.length);
    state.running[`${norm}.mean`] = np.array(new Float32Array(values.length));
    state.running[`${norm}.variance`] = np.array(new Float32Array(values.length).fill(1));
  }
  return state;
}

/** State, images and one-hot targets to the loss and the next state. */
function trainingStep(jax: JaxLibrary, { rate, momentum }: StepTask) {
  const { nn, tree, valueAndGrad } = jax;
  const lossOf = (weights: Named, running: Named, images: Values, targets: Values): [Values, Named] => {
    const [logits, moved] = forward(jax, weights, running, images);
    const [count] = logits.shape;
    return [
      nn
        .logSoftmax(logits)
        .mul(targets)
        .sum()
        .mul(-1 / count),
      moved,
    ];
  };
  const differentiated = valueAndGrad(lossOf, { hasAux: true });
  return ({ weights, momenta, running }: State, images: Values, targets: Values): { loss: Values; state: State } => {
    const [[loss, moved], gradients] = differentiated(tree.ref(weights), running, images, targets) as [
      [Values, Named],
      Named,
    ];
    const next: State = { weights: {}, momenta: {}, running: moved };
    for (const name of Object.keys(weights)) {
      const velocity = momenta[name].mul(momentum).add(gradients[name]);
      next.weights[name] = weights[name].sub(velocity.ref.mul(rate));
      next.momenta[name] = velocity;
    }
    return { loss, state: next };
  };
}

/** The CIFAR ResNet of these weights: images to logits, and the running statistics after them. */
function forward(jax: JaxLibrary, weights: Named, running: Named, images: Values): [Values, Named] {
  const { lax, nn, numpy: np } = jax;
  const moved: Named = {};
  const conv = (x: Values, name: string, stride = 1): Values => {
    const weight = weights[`${name}.weight`];
    const pad = weight.shape[2] >> 1;
    return lax.convWithGeneralPadding(
      x,
      weight,
      [stride, stride],
      [
        [pad, pad],
        [pad, pad],
      ],
    );
  };
  const norm = (x: Values, name: string): Values => batchNorm(jax, { weights, running, moved }, x, name);
  let x = nn.relu(norm(conv(images, 'conv1'), 'bn1'));
  for (const { name, stride } of blocksOf((name) => weights[name] !== undefined)) {
    const inner = nn.relu(norm(conv(x.ref, `${name}.conv1`, stride), `${name}.bn1`));
    const through = norm(conv(inner, `${name}.conv2`), `${name}.bn2`);
    const shortcut = weights[`${name}.downsample.0.weight`]
      ? norm(conv(x, `${name}.downsample.0`, stride), `${name}.downsample.1`)
      : x;
    x = nn.relu(through.add(shortcut));
  }
  return [np.matmul(x.mean([2, 3]), weights['fc.weight']).add(weights['fc.bias']), moved];
}

interface Norms {
  weights: Named;
  running: Named;
  moved: Named;
}

/** In training mode: statistics of the batch, which also move the running ones (unbiased, as astrogpu's and torch's do). */
function batchNorm(
  { lax, numpy: np }: JaxLibrary,
  { weights, running, moved }: Norms,
  x: Values,
  name: string,
): Values {
  const [n, channels, h, w] = x.shape;
  const unbiased = (n * h * w) / (n * h * w - 1);
  const perChannel = (value: Values): Values => value.reshape([1, channels, 1, 1]);
  const mean = x.ref.mean([0, 2, 3]);
  const centered = x.sub(perChannel(mean.ref));
  const variance = np.square(centered.ref).mean([0, 2, 3]);
  const move = (key: string, value: Values, factor: number): void => {
    const before = running[`${name}.${key}`];
    moved[`${name}.${key}`] = before.mul(1 - RUNNING).add(lax.stopGradient(value).mul(RUNNING * factor));
  };
  move('mean', mean, 1);
  move('variance', variance.ref, unbiased);
  const scale = np.reciprocal(np.sqrt(variance.add(EPSILON))).mul(weights[`${name}.weight`]);
  return centered.mul(perChannel(scale)).add(perChannel(weights[`${name}.bias`]));
}
