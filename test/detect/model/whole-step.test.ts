// A whole BoxInst, ResNet50 and 256 channels, on one image with a short side of 256: its losses are PyTorch's, and a step of training fits the memory of a software adapter. Some minutes on two cores:
// ASTROGPU_FULL=1 npx vitest run test/detect/model/whole-step.test.ts
import { expect, it } from 'vitest';
import { BoxInst } from '../../../src/detect/model/box-inst.ts';
import { boxInstLoss } from '../../../src/detect/train/loss.ts';
import { TRAIN } from '../../../src/nn/module.ts';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { loadGolden } from '../../golden/golden.ts';
import { fillDetector, goldenOptions } from '../../support/detector.ts';
import { gpu, on } from '../../support/gpu.ts';

/** Side of the squares of one color. */
const SQUARE = 4;
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/** The picture of test/golden/detector.py: gentle slopes with a pattern of a few values, and each object an ellipse of another color. */
function picture(height: number, width: number, boxes: readonly number[][]): Uint8Array {
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [r, c] = [Math.floor(y / SQUARE), Math.floor(x / SQUARE)];
      const pattern = (r * 7 + c * 3) % 4;
      const color = [40 + r + Math.floor(c / 2), 60 + c, 200 - r].map((value) => value + pattern);
      for (const [i, [x0, y0, x1, y1]] of boxes.entries()) {
        const across = (c * SQUARE + 2 - (x0 + x1) / 2) / (x1 - x0);
        const down = (r * SQUARE + 2 - (y0 + y1) / 2) / (y1 - y0);
        if (across ** 2 + down ** 2 < 0.2)
          for (const [k, more] of [50 - 30 * i, -20, 10 * i].entries()) color[k] += more;
      }
      pixels.set(color, (y * width + x) * 3);
    }
  return pixels;
}

it.skipIf(!process.env.ASTROGPU_FULL)('losses, and a step', { timeout: 900_000 }, async () => {
  const {
    config,
    parameterCount,
    height,
    width,
    boxes,
    classes,
    bottomRows,
    losses: wanted,
  } = loadGolden('detector-full');
  const detector = new BoxInst(goldenOptions(config)).to(gpu, 1);
  expect(detector.parameterCount()).toBe(parameterCount);
  await fillDetector(detector);
  const pixels = picture(height, width, boxes);
  const places = 4;
  const padded = <T>(list: readonly T[], rest: T): T[] => [...list, ...Array<T>(places - list.length).fill(rest)];
  const batch = {
    images: on(
      Float32Array.from(pixels, (value, i) => (value / 255 - MEAN[i % 3]) / STD[i % 3]),
      [1, height, width, 3],
    ),
    pixels: on(pixels, [1, height, width, 3], 'u8'),
    extents: on([height, width], [1, 2], 'u32'),
    colorExtents: on([height - bottomRows, width], [1, 2], 'u32'),
    boxes: on(padded(boxes, [0, 0, 0, 0]).flat(), [1, places, 4]),
    classes: on(padded(classes, 0xffffffff), [1, places], 'u32'),
  };
  const optimizer = new Sgd(detector.arena, { lr: 1e-4, momentum: 0.9 });
  const step = () =>
    scope(() => {
      const losses = boxInstLoss(detector.forward(batch.images, TRAIN), batch);
      // Backward frees the parts of the sum.
      const kept = Object.entries(losses).map(([name, loss]) => [name, keep(loss.alias())] as const);
      backward(losses.total);
      optimizer.step();
      return new Map<string, Tensor>(kept);
    });
  const losses = step();
  for (const [name, value] of Object.entries(wanted)) {
    const found = await losses.get(name)!.item();
    expect(Math.abs(found - value) / value, name).toBeLessThan(1e-4);
  }
  const again = step();
  expect(await again.get('total')!.item()).not.toBe(await losses.get('total')!.item());
  const all = [...Object.values(batch), ...losses.values(), ...again.values(), optimizer, detector];
  for (const one of all) one.release();
});
