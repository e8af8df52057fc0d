// Colors of values: viridis, as in the reports, whose order is the order of its brightness on a light page and on a dark one.

/** At sixteenths; linear between them it is within 6 of 255 levels of the whole table. */
const ANCHORS =
  '440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725';

/** What red, green and blue add to brightness (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114];

/** For each byte its color: red, green, blue. */
export const HEAT: readonly (readonly [red: number, green: number, blue: number])[] = heatTable(
  ANCHORS.split(' ').map((hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))),
);

function heatTable(anchors: number[][]): [number, number, number][] {
  return Array.from({ length: 256 }, (_, level) => {
    const at = (level / 255) * (anchors.length - 1);
    const below = Math.min(anchors.length - 2, Math.floor(at));
    const mixed = (c: number): number =>
      Math.round(anchors[below][c] + (at - below) * (anchors[below + 1][c] - anchors[below][c]));
    return [mixed(0), mixed(1), mixed(2)];
  });
}

/** Bytes as pixels: R, G, B, 255 each. */
export function heatPixels(values: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    const [r, g, b] = HEAT[values[i]];
    pixels[4 * i] = r;
    pixels[4 * i + 1] = g;
    pixels[4 * i + 2] = b;
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** A picture in gray under a map of its size, half and half, so that every hue is the map's. */
export function heatOver(picture: Uint8ClampedArray, map: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = heatPixels(map);
  for (let i = 0; i < pixels.length; i += 4) {
    const gray = LUMA[0] * picture[i] + LUMA[1] * picture[i + 1] + LUMA[2] * picture[i + 2];
    for (let c = 0; c < 3; c++) pixels[i + c] = (gray + pixels[i + c]) / 2;
  }
  return pixels;
}

const ROWS = ['upper', 'middle', 'lower'];
const COLUMNS = ['left', 'middle', 'right'];

/** Where in the picture the weight of a map lies, in words for who cannot see it: `upper left`, `middle`. */
export function whereIn(map: Uint8Array, width: number, height: number): string {
  const weights = Array.from({ length: 9 }, () => 0);
  for (let i = 0; i < map.length; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    // Squares, so that one bright place outweighs a wide gray.
    weights[Math.floor((3 * row) / height) * 3 + Math.floor((3 * column) / width)] += map[i] ** 2;
  }
  const most = weights.indexOf(Math.max(...weights));
  const [row, column] = [ROWS[Math.floor(most / 3)], COLUMNS[most % 3]];
  return row === column ? row : `${row} ${column}`;
}
