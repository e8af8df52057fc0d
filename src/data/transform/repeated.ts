// Repeated augmentation (Hoffer et al., "Augment your batch: improving generalization through instance repetition", CVPR 2020) as DeiT's RASampler: each image of an epoch
// comes several times in a row, augmented anew, and the epoch stays as long as it was, so that it sees only a part of the images.

/** An image of an epoch's order, and which of its copies. */
export interface Repeated {
  /** The image in each place. */
  order: Uint32Array;
  /** Of the image in each place, for DrawKey. */
  copies: Uint32Array;
}

/** An epoch of the first images of a random order, each `times` times in a row; as long as that order. */
export function repeatImages(order: Uint32Array, times: number): Repeated {
  return {
    order: order.map((_, place) => order[Math.floor(place / times)]),
    copies: order.map((_, place) => place % times),
  };
}
