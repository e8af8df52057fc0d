// A small stroke font. Pictures must be readable on machines without any font installed, where SVG rasterizers draw empty boxes; so text in
// PNG files is drawn as lines. Units: capitals reach from y = 0 down to the baseline y = 10, small letters start at y = 3.

const BOWL_LEFT = 'M0 6.5C0 4.5 1 3 2.6 3S5.2 4.5 5.2 6.5 4.2 10 2.6 10 0 8.5 0 6.5';
const BOWL_RIGHT = 'M5.2 6.5C5.2 4.5 4.2 3 2.6 3S0 4.5 0 6.5 1 10 2.6 10 5.2 8.5 5.2 6.5';
const ROUND = 'M3.6 0C5.7 0 7.2 2 7.2 5S5.7 10 3.6 10 0 8 0 5 1.5 0 3.6 0Z';

/** Width and strokes of each character. */
const GLYPHS: Record<string, readonly [width: number, path: string]> = {
  ' ': [2.2, ''],
  0: [6, 'M3 0C5 0 6 2.2 6 5S5 10 3 10 0 7.8 0 5 1 0 3 0Z'],
  1: [6, 'M.9 2L3.3 0V10'],
  2: [6, 'M.3 2.6C.5 .9 1.6 0 3 0 4.7 0 5.8 1.1 5.8 2.7 5.8 5 2 6.8 .2 10H6'],
  3: [
    6,
    'M.4 1.8C.9 .6 1.8 0 3 0 4.6 0 5.6 1 5.6 2.4S4.5 4.7 2.6 4.7C4.7 4.7 6 5.6 6 7.3S4.8 10 3 10C1.5 10 .5 9.3 .1 8',
  ],
  4: [6, 'M4.6 10V0L0 7H6.2'],
  5: [6, 'M5.4 0H1.1L.6 4.6C1.2 4 2 3.7 2.9 3.7 4.7 3.7 6 5 6 6.8S4.8 10 2.9 10C1.6 10 .6 9.4 .1 8.3'],
  6: [6, 'M5.4 1.4C4.9 .5 4.1 0 3.2 0 1.2 0 0 2.2 0 5.6 0 8.4 1.2 10 3 10S6 8.6 6 6.8 4.8 3.8 3.1 3.8 .1 5 .1 6.6'],
  7: [6, 'M0 0H6L2.2 10'],
  8: [
    6,
    'M3 0C4.5 0 5.5 1 5.5 2.3S4.5 4.6 3 4.6 .5 3.6 .5 2.3 1.5 0 3 0ZM3 4.6C4.8 4.6 6 5.7 6 7.3S4.8 10 3 10 0 8.9 0 7.3 1.2 4.6 3 4.6Z',
  ],
  9: [6, 'M.6 8.6C1.1 9.5 1.9 10 2.8 10 4.8 10 6 7.8 6 4.4 6 1.6 4.8 0 3 0S0 1.4 0 3.2 1.2 6.2 2.9 6.2 5.9 5 5.9 3.4'],
  a: [5, 'M5 3V10M5 6.5C5 4.5 4 3 2.5 3S0 4.5 0 6.5 1 10 2.5 10 5 8.5 5 6.5'],
  b: [5.2, `M0 0V10${BOWL_LEFT}`],
  c: [4.8, 'M4.8 4.2C4.3 3.4 3.6 3 2.7 3 1.1 3 0 4.5 0 6.5S1.1 10 2.7 10C3.6 10 4.3 9.6 4.8 8.8'],
  d: [5.2, `M5.2 0V10${BOWL_RIGHT}`],
  e: [5.2, 'M0 6.4H5.2C5.2 4.3 4.2 3 2.7 3 1.1 3 0 4.5 0 6.5S1.1 10 2.8 10C3.7 10 4.5 9.6 5 8.8'],
  f: [3.4, 'M3.6 .1C2 -.2 1.3 .6 1.3 2V10M0 3.2H3.2'],
  g: [5.2, `M5.2 3V10.4C5.2 12.2 4.2 13 2.6 13 1.6 13 .8 12.7 .3 12.2${BOWL_RIGHT}`],
  h: [4.8, 'M0 0V10M0 5.6C.2 4 1.2 3 2.6 3 4.1 3 4.8 4 4.8 5.6V10'],
  i: [0.6, 'M.3 3V10M.3 .4V.5'],
  j: [1.4, 'M1.2 3V11.4C1.2 12.6 .6 13 -.4 13M1.2 .4V.5'],
  k: [4.8, 'M0 0V10M4.6 3L0 7.2M1.8 5.7L4.9 10'],
  l: [0.6, 'M.3 0V10'],
  m: [8, 'M0 3V10M0 5.4C.2 3.9 1 3 2.2 3 3.4 3 4 3.8 4 5.2V10M4 5.4C4.2 3.9 5 3 6.2 3 7.4 3 8 3.8 8 5.2V10'],
  n: [4.8, 'M0 3V10M0 5.6C.2 4 1.2 3 2.6 3 4.1 3 4.8 4 4.8 5.6V10'],
  o: [5.4, 'M2.7 3C4.3 3 5.4 4.5 5.4 6.5S4.3 10 2.7 10 0 8.5 0 6.5 1.1 3 2.7 3Z'],
  p: [5.2, `M0 3V13${BOWL_LEFT}`],
  q: [5.2, `M5.2 3V13${BOWL_RIGHT}`],
  r: [3, 'M0 3V10M0 6C.1 4.1 1.2 2.9 3 3.1'],
  s: [
    4.6,
    'M4.4 4.1C3.9 3.4 3.2 3 2.3 3 1.1 3 .2 3.7 .2 4.7 .2 7 4.6 5.7 4.6 8.1 4.6 9.2 3.7 10 2.3 10 1.3 10 .5 9.6 0 8.8',
  ],
  t: [3.5, 'M1.4 .8V8C1.4 9.6 2.2 10.2 3.6 9.8M0 3.2H3.4'],
  u: [4.8, 'M0 3V7.4C0 9 .8 10 2.2 10 3.6 10 4.6 9 4.8 7.4M4.8 3V10'],
  v: [5, 'M0 3L2.5 10 5 3'],
  w: [7.6, 'M0 3L1.9 10 3.8 3.6 5.7 10 7.6 3'],
  x: [4.8, 'M0 3L4.8 10M4.8 3L0 10'],
  y: [5, 'M0 3L2.6 9.6M5 3L2.2 11C1.7 12.5 1 13 -.1 12.9'],
  z: [4.8, 'M.2 3H4.6L0 10H4.8'],
  A: [6.8, 'M0 10L3.4 0 6.8 10M1.2 6.6H5.6'],
  B: [6, 'M0 0V10H3.3C5 10 6 9 6 7.3S5 4.7 3.3 4.7H0M3.1 4.7C4.6 4.7 5.5 3.8 5.5 2.3S4.6 0 3.1 0H0'],
  C: [6.6, 'M6.6 2C6 .7 4.9 0 3.6 0 1.5 0 0 2 0 5S1.5 10 3.6 10C4.9 10 6 9.3 6.6 8'],
  D: [6.4, 'M0 0V10H2.6C5 10 6.4 8 6.4 5S5 0 2.6 0Z'],
  E: [5.3, 'M5.2 0H0V10H5.3M0 4.8H4.6'],
  F: [5.2, 'M5.2 0H0V10M0 4.8H4.5'],
  G: [6.6, 'M6.5 2C5.9 .7 4.9 0 3.6 0 1.5 0 0 2 0 5S1.5 10 3.6 10C5.3 10 6.6 8.7 6.6 6.4V5.4H3.8'],
  H: [6, 'M0 0V10M6 0V10M0 4.8H6'],
  I: [0.6, 'M.3 0V10'],
  J: [3.6, 'M3.6 0V7.2C3.6 9 2.9 10 1.8 10 .9 10 .3 9.5 0 8.6'],
  K: [6, 'M0 0V10M5.6 0L0 6.2M2 4L6 10'],
  L: [5, 'M0 0V10H5'],
  M: [7.8, 'M0 10V0L3.9 8 7.8 0V10'],
  N: [6, 'M0 10V0L6 10V0'],
  O: [7.2, ROUND],
  P: [6, 'M0 10V0H3.2C5 0 6 1.1 6 2.8S5 5.6 3.2 5.6H0'],
  Q: [7.2, `${ROUND}M4.6 7.4L7 10.8`],
  R: [6.2, 'M0 10V0H3.2C5 0 6 1.1 6 2.8S5 5.6 3.2 5.6H0M3.4 5.6L6.2 10'],
  S: [6, 'M5.6 1.8C5.1 .6 4.1 0 2.9 0 1.3 0 .2 1 .2 2.4 .2 5.6 6 4 6 7.5 6 9 4.7 10 3 10 1.5 10 .4 9.3 0 8'],
  T: [6.4, 'M0 0H6.4M3.2 0V10'],
  U: [6, 'M0 0V6.4C0 8.7 1.1 10 3 10S6 8.7 6 6.4V0'],
  V: [6.4, 'M0 0L3.2 10 6.4 0'],
  W: [9.2, 'M0 0L2.3 10 4.6 1 6.9 10 9.2 0'],
  X: [6, 'M0 0L6 10M6 0L0 10'],
  Y: [6.2, 'M0 0L3.1 4.8 6.2 0M3.1 4.8V10'],
  Z: [6, 'M.2 0H5.8L0 10H6'],
  λ: [5.2, 'M.4 0C1.5 0 1.9 .6 2.3 1.8L5.2 10M2.7 3.4L0 10'],
  '.': [0.8, 'M.4 9.8V9.9'],
  ',': [1, 'M.7 9.6L.1 11.6'],
  ':': [0.8, 'M.4 4V4.1M.4 9.8V9.9'],
  ';': [1, 'M.6 4V4.1M.7 9.6L.1 11.6'],
  '·': [0.8, 'M.4 5.5V5.6'],
  '-': [3, 'M0 6.3H3'],
  '−': [5, 'M0 5.4H5'],
  '–': [5, 'M0 6.3H5'],
  '+': [5, 'M0 5.4H5M2.5 2.9V7.9'],
  '±': [5, 'M0 4H5M2.5 1.5V6.5M0 9H5'],
  '‖': [2.4, 'M.2 -1V12M2.2 -1V12'],
  '=': [5, 'M0 4.2H5M0 7H5'],
  '<': [5, 'M5 2.2L0 5.4 5 8.6'],
  '>': [5, 'M0 2.2L5 5.4 0 8.6'],
  '≥': [5, 'M0 1.2L5 4.2 0 7.2M0 9.6H5'],
  '×': [4.4, 'M0 3.2L4.4 7.6M4.4 3.2L0 7.6'],
  '%': [
    8.4,
    'M7 0L1.4 10M1.9 0C3.1 0 3.8 1 3.8 2.4S3.1 4.8 1.9 4.8 0 3.8 0 2.4 .7 0 1.9 0ZM6.5 5.2C7.7 5.2 8.4 6.2 8.4 7.6S7.7 10 6.5 10 4.6 9 4.6 7.6 5.3 5.2 6.5 5.2Z',
  ],
  '/': [3.6, 'M0 11L3.6 -1'],
  '(': [2, 'M2 -1C-.7 2 -.7 9 2 12'],
  ')': [2, 'M0 -1C2.7 2 2.7 9 0 12'],
  '[': [2, 'M2 -1H0V12H2'],
  ']': [2, 'M0 -1H2V12H0'],
  '|': [0.6, 'M.3 -1V12'],
  _: [5, 'M0 11.4H5'],
  "'": [0.6, 'M.3 0V2.6'],
  '→': [7, 'M0 5.5H7M4.6 3.1L7 5.5 4.6 7.9'],
  '↓': [4.8, 'M2.4 .5V10M0 7.6L2.4 10 4.8 7.6'],
};

const SUPERSCRIPTS: Record<string, string> = {
  '⁰': '0',
  '¹': '1',
  '²': '2',
  '³': '3',
  '⁴': '4',
  '⁵': '5',
  '⁶': '6',
  '⁷': '7',
  '⁸': '8',
  '⁹': '9',
  '⁻': '−',
  ᵗ: 't',
};
const UNKNOWN = [5, 'M0 0H5V10H0Z'] as const;
const GAP = 2;
const UNITS_PER_EM = 13.7;

interface Placed {
  path: string;
  x: number;
  y: number;
  scale: number;
}

/** The width in pixels of a line of text at a font size. */
export function textWidth(text: string, size: number): number {
  return (place(text).width * size) / UNITS_PER_EM;
}

/**
 * A line of text as one SVG group of strokes. `x` is the anchored end in pixels, `y` the baseline. Accents are dropped and characters without
 * a glyph become an empty box.
 */
export function strokeText(
  text: string,
  {
    x,
    y,
    size,
    anchor,
    color,
    bold,
  }: { x: number; y: number; size: number; anchor: string; color: string; bold: boolean },
): string {
  const unit = size / UNITS_PER_EM;
  const { glyphs, width } = place(text);
  const left = x - (anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0) * unit;
  const paths = glyphs.map(
    (glyph) =>
      `<path transform="translate(${round(glyph.x)},${round(glyph.y)}) scale(${glyph.scale})" d="${glyph.path}"/>`,
  );
  const stroke = `fill="none" stroke="${color}" stroke-width="${bold ? 1.7 : 1.1}" stroke-linecap="round" stroke-linejoin="round"`;
  return `<g transform="translate(${round(left)},${round(y - 10 * unit)}) scale(${round(unit)})" ${stroke}>${paths.join('')}</g>`;
}

function place(text: string): { glyphs: Placed[]; width: number } {
  let x = 0;
  const glyphs: Placed[] = [];
  for (const character of text.normalize('NFC')) {
    const raised = SUPERSCRIPTS[character];
    const scale = raised ? 0.65 : 1;
    const [width, path] = GLYPHS[raised ?? character] ?? GLYPHS[character.normalize('NFD')[0]!] ?? UNKNOWN;
    glyphs.push({ path, x, y: raised ? -2 : 0, scale });
    x += (width + GAP) * scale;
  }
  return { glyphs, width: Math.max(0, x - GAP) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
