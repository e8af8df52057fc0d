// BoxInst's masks and their losses in float64, by their definitions: instances one after the other, positions one after the other.

export interface Head {
  n: number;
  k: number;
  h: number;
  w: number;
  stride: number;
  centers: ArrayLike<number>;
  sizes: ArrayLike<number>;
}

/** Logits [n, k, h, w] of features [n, h, w, 16] and parameters [n, k, 233]; 0 where the size is not a positive number. */
export function maskHeadOf(features: Float64Array, parameters: Float64Array, head: Head): Float64Array {
  const { n, k, h, w, stride, centers, sizes } = head;
  const y = new Float64Array(n * k * h * w);
  for (let instance = 0; instance < n * k; instance++) {
    if (!(sizes[instance] > 0)) continue;
    const own = parameters.subarray(instance * 233, instance * 233 + 233);
    const layer = (x: number[], weights: number, biases: number, outputs: number): number[] =>
      Array.from({ length: outputs }, (_, o) =>
        x.reduce((sum, v, i) => sum + v * own[weights + o * x.length + i], own[biases + o]),
      );
    const relu = (x: number[]): number[] => x.map((v) => (v < 0 ? 0 : v));
    for (let p = 0; p < h * w; p++) {
      const place = [p % w, Math.floor(p / w)].map((i) => Math.floor(stride / 2) + stride * i);
      const near = place.map((v, i) => (centers[instance * 2 + i] - v) / sizes[instance]);
      const at = (Math.floor(instance / k) * h * w + p) * 16;
      const first = relu(layer([...near, ...features.subarray(at, at + 16)], 0, 216, 8));
      y[instance * h * w + p] = layer(relu(layer(first, 144, 224, 8)), 208, 232, 1)[0];
    }
  }
  return y;
}

export interface Maps {
  n: number;
  k: number;
  h: number;
  w: number;
  /** Of an image. */
  boxes: number;
  stride: number;
}

/** [n·k, h, w], 1 in the box; undefined for what is no instance. */
export function boxMasksIn64(
  { n, k, h, w, boxes, stride }: Maps,
  objects: ArrayLike<number>,
  corners: ArrayLike<number>,
) {
  return Array.from({ length: n * k }, (_, instance) => {
    const object = objects[instance];
    if (object >= boxes) return undefined;
    const at = (Math.floor(instance / k) * boxes + object) * 4;
    const inside = (p: number, axis: number): boolean => {
      const pixel = Math.floor(stride / 2) + stride * p;
      return pixel >= Math.trunc(corners[at + axis]) && pixel < Math.trunc(Math.fround(corners[at + 2 + axis] + 1));
    };
    return Array.from({ length: h * w }, (_, p) => Number(inside(p % w, 0) && inside(Math.floor(p / w), 1)));
  });
}

type Masks = ReturnType<typeof boxMasksIn64>;
const sum = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0);

/** The projection loss of logits [n, k, h, w]. */
export function projectionOf(logits: Float64Array, masks: Masks, { h, w }: Maps): number {
  const terms = masks.flatMap((mask, instance) => {
    if (!mask) return [];
    const scores = Array.from(logits.subarray(instance * h * w, (instance + 1) * h * w), (v) => 1 / (1 + Math.exp(-v)));
    const largest = (map: number[]): number[][] => [
      Array.from({ length: h }, (_, y) => Math.max(...map.filter((_, p) => Math.floor(p / w) === y))),
      Array.from({ length: w }, (_, x) => Math.max(...map.filter((_, p) => p % w === x))),
    ];
    const [cast, wanted] = [largest(scores), largest(mask)];
    return sum(
      cast.map((x, axis) => {
        const t = wanted[axis];
        return 1 - (2 * sum(x.map((v, i) => v * t[i]))) / (sum(x.map((v) => v * v)) + sum(t.map((v) => v * v)) + 1e-5);
      }),
    );
  });
  return sum(terms) / Math.max(terms.length, 1);
}

/** The pairwise loss of logits [n, k, h, w] under similarity [n, h, w, 8]. */
export function pairwiseOf(
  logits: Float64Array,
  masks: Masks,
  { k, h, w }: Maps,
  similarity: ArrayLike<number>,
  threshold: number,
): number {
  let [total, count] = [0, 0];
  const missed = (v: number): number => Math.max(-v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
  masks.forEach((mask, instance) => {
    if (!mask) return;
    const image = Math.floor(instance / k) * h * w;
    for (let p = 0; p < h * w; p++)
      for (let j = 0; j < 8; j++) {
        const cell = j > 3 ? j + 1 : j;
        const [x, y] = [(p % w) + 2 * ((cell % 3) - 1), Math.floor(p / w) + 2 * (Math.floor(cell / 3) - 1)];
        if (!mask[p] || x < 0 || x >= w || y < 0 || y >= h || !(similarity[(image + p) * 8 + j] >= threshold)) continue;
        const [a, b] = [logits[instance * h * w + p], logits[instance * h * w + y * w + x]];
        const [both, neither] = [-missed(a) - missed(b), -missed(-a) - missed(-b)];
        const high = Math.max(both, neither);
        total -= high + Math.log(Math.exp(both - high) + Math.exp(neither - high));
        count++;
      }
  });
  return total / Math.max(count, 1);
}
