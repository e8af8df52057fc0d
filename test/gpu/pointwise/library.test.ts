// Which of the functions of shaders/elementwise/math.wgsl a kernel gets: those that its expressions reach.
import { expect, it } from 'vitest';
import { loadShaders } from '../../../src/gpu/kernel/shaders.ts';
import { declarationsFor } from '../../../src/gpu/pointwise/library.ts';

await loadShaders();
const declared = (...codes: string[]): string[] =>
  [...declarationsFor(codes).matchAll(/^(?:fn|struct|const) (\w+)/gm)].map(([, name]) => name);

it('none where none is called', () => expect(declared('x * 2.0 + max(y, F(0))')).toEqual([]));

it('what is called, and what that calls', () => {
  expect(declared('is_nan(x)')).toEqual(['is_nan']);
  expect(declared('expm1(x)').sort()).toEqual(
    ['Exponential', 'Reduced', 'expm1', 'exponential', 'is_nan', 'reduced'].sort(),
  );
  expect(declared('sin(x)', 'x').sort()).toEqual(
    ['Angle', 'TURN', 'angle', 'far_angle', 'is_finite', 'long_product', 'sin', 'wave', 'wave_ends'].sort(),
  );
});

it('each once', () => {
  const names = declared('tanh(x) + exp(y)', 'normal(x) * exp(x)');
  expect(new Set(names).size).toBe(names.length);
});
