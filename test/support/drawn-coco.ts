// A COCO folder small enough for tests: drawn pictures with a disk and a bar each, their boxes and outlines.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Sides of a picture. */
export interface DrawnSides {
  width: number;
  height: number;
}

const SQUARE: DrawnSides = { width: 64, height: 64 };

/** Writes pictures, one of each size given, and their list. Returns the folder. */
export async function drawCoco(folder: string, sides: readonly DrawnSides[] = Array(4).fill(SQUARE)): Promise<string> {
  mkdirSync(join(folder, 'images'), { recursive: true });
  const annotations: object[] = [];
  for (const [i, { width, height }] of sides.entries()) {
    const [x, y, radius] = [16 + 4 * i, 18 + 2 * i, 10];
    const disk = Array.from({ length: 16 }, (_, k) => [
      x + radius * Math.cos((k * Math.PI) / 8),
      y + radius * Math.sin((k * Math.PI) / 8),
    ]).flat();
    const bar = { x: width - 26, y: height - 18, width: 20, height: 10 };
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#405060"/><polygon points="${disk.join(' ')}" fill="#e04020"/><rect x="${bar.x}" y="${bar.y}" width="${bar.width}" height="${bar.height}" fill="#20d060"/></svg>`;
    await sharp(Buffer.from(svg))
      .flatten()
      .png()
      .toFile(join(folder, 'images', `${i + 1}.png`));
    const entry = { image_id: i + 1, iscrowd: 0 };
    annotations.push(
      {
        ...{ id: 2 * i + 1, category_id: 3, area: 300, bbox: [x - radius, y - radius, 2 * radius, 2 * radius] },
        ...{ ...entry, segmentation: [disk] },
      },
      {
        ...{ id: 2 * i + 2, category_id: 7, area: 200, bbox: [bar.x, bar.y, bar.width, bar.height] },
        ...entry,
        segmentation: [
          [bar.x, bar.y, bar.x + bar.width, bar.y, bar.x + bar.width, bar.y + bar.height, bar.x, bar.y + bar.height],
        ],
      },
    );
  }
  const images = sides.map((side, i) => ({ id: i + 1, file_name: `${i + 1}.png`, ...side }));
  const categories = [
    { id: 3, name: 'disk' },
    { id: 7, name: 'bar' },
  ];
  writeFileSync(join(folder, 'instances.json'), JSON.stringify({ images, annotations, categories }));
  return folder;
}
