// The way from a picture to the pixels a network sees, as numbers: boxes and masks go the same way as the image, so that a heat map over the
// network's input can be compared with what was drawn on the picture.
import { ImageRangeError } from '../errors.ts';

/** A picture resized and cut: its point (x, y), in pixels from the top left corner, lies at (x · scaleX − left, y · scaleY − top). */
export interface ImageFrame {
  /** Of the picture, upright (after its EXIF rotation). */
  source: { width: number; height: number };
  /** Of the result. */
  width: number;
  height: number;
  scaleX: number;
  scaleY: number;
  /** Columns and rows of the resized picture cut off at the left and above. */
  left: number;
  top: number;
}

function needSides(what: string, ...sides: number[]): void {
  const bad = sides.find((side) => !Number.isInteger(side) || side < 1);
  if (bad !== undefined) throw new ImageRangeError(`${what} must be a whole number of pixels, 1 or more; it is ${bad}`);
}

/** Whole numbers halved as Python's round() does, ties to even. */
function halfToEven(n: number): number {
  const half = Math.floor(n / 2);
  return half + (n & half & 1);
}

/**
 * The short side to `resize` pixels (default `size`), the long side in proportion (rounded down), then the middle size × size: torchvision's Resize(resize)
 * and CenterCrop(size), to the pixel. Throws ImageRangeError for sides that are not whole numbers above 0, and for a middle that is larger than what it is cut from.
 */
export function centerCrop(width: number, height: number, size: number, resize = size): ImageFrame {
  needSides('the size of images', size, resize);
  needSides('a side of a picture', width, height);
  if (resize < size) throw new ImageRangeError(`${size}×${size} cannot be cut out of a short side of ${resize}`);
  const short = Math.min(width, height);
  const resized = { width: Math.floor((resize * width) / short), height: Math.floor((resize * height) / short) };
  return {
    source: { width, height },
    width: size,
    height: size,
    scaleX: resized.width / width,
    scaleY: resized.height / height,
    left: halfToEven(resized.width - size),
    top: halfToEven(resized.height - size),
  };
}

/** The whole picture, stretched to `toWidth` × `toHeight`. Throws ImageRangeError as centerCrop() does. */
export function stretch(width: number, height: number, toWidth = width, toHeight = height): ImageFrame {
  needSides('a side of a picture', width, height, toWidth, toHeight);
  return {
    source: { width, height },
    width: toWidth,
    height: toHeight,
    scaleX: toWidth / width,
    scaleY: toHeight / height,
    left: 0,
    top: 0,
  };
}

/** A box [x, y, width, height] of the picture as it lies in the frame, cut at its edges; undefined where nothing of it is inside. */
export function mapBox(
  [x, y, width, height]: readonly [number, number, number, number],
  frame: ImageFrame,
): [number, number, number, number] | undefined {
  const left = Math.max(0, x * frame.scaleX - frame.left);
  const top = Math.max(0, y * frame.scaleY - frame.top);
  const right = Math.min(frame.width, (x + width) * frame.scaleX - frame.left);
  const bottom = Math.min(frame.height, (y + height) * frame.scaleY - frame.top);
  return right > left && bottom > top ? [left, top, right - left, bottom - top] : undefined;
}
