// Launches the pasting of masks: a thread makes a word, 32 rows of a column, so that no two write to one place.
import { f32, params } from '../../../gpu/index.ts';
import { chunkLaunch, type Tensor } from '../../../tensor/index.ts';

/** One side of a mask and of the picture that it is pasted to: see shaders/detection/paste_masks.wgsl. */
export interface PastedSide {
  cells: number;
  factor: number;
  extent: number;
  size: number;
}

/** bits [K, columns.size, words] ← where x [K, rows.cells, columns.cells] is above the threshold. */
export function pasteInto(
  x: Tensor,
  bits: Tensor,
  { rows, columns, threshold }: { rows: PastedSide; columns: PastedSide; threshold: number },
): void {
  const wordsOf = ({ cells, factor, extent, size }: PastedSide): number[] => [cells, factor, extent, size];
  const { constants, grid } = chunkLaunch(x.gpu, bits.size);
  x.gpu.run({
    shader: 'detection/paste_masks',
    constants,
    bindings: [x.slice, bits.slice],
    params: params(
      ...[...wordsOf(rows), ...wordsOf(columns)],
      ...[f32(rows.extent / rows.size), f32(columns.extent / columns.size), f32(threshold)],
      ...[bits.shape[2], bits.size],
    ),
    grid,
    // Of each pixel, three interpolations along its column.
    cost: { flops: 9 * x.shape[0] * rows.size * columns.size, bytes: x.bytes + bits.bytes },
    label: 'pasteMasks',
  });
}
