// Assembling a module: enables first, the prelude, includes; and the lines that name a shader's variants.
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/gpu/device/errors.ts';
import { variantsOf } from '../../../src/gpu/kernel/check-shaders.ts';
import { addShader, assemble } from '../../../src/gpu/kernel/shaders.ts';

addShader('test_include', 'fn helper() -> u32 { return 1u; }');
addShader(
  'test_whole',
  '// What it is.\nenable subgroups;\n// include test_include\n@compute @workgroup_size(1) fn main() {}',
);

describe('assemble', () => {
  it('puts enables first, then types and constants, then the file with its includes', () => {
    expect(
      assemble('test_whole', { constants: { N: 3, FLAG: true, X: 0.5 }, types: { Elem: 'f16' } }).split('\n'),
    ).toEqual([
      'enable subgroups;',
      'enable f16;',
      'alias Elem = f16;',
      'const N = 3;',
      'const FLAG = true;',
      'const X = 0.5;',
      '// What it is.',
      '',
      'fn helper() -> u32 { return 1u; }',
      '@compute @workgroup_size(1) fn main() {}',
    ]);
  });

  it('takes the file that an include stands for, and moves diagnostics up, too', () => {
    addShader('test_other', 'diagnostic(off, derivative_uniformity);\nfn helper() -> u32 { return 2u; }');
    expect(assemble('test_whole', { includes: { test_include: 'test_other' } }).split('\n')).toEqual([
      'enable subgroups;',
      'diagnostic(off, derivative_uniformity);',
      '// What it is.',
      '',
      '',
      'fn helper() -> u32 { return 2u; }',
      '@compute @workgroup_size(1) fn main() {}',
    ]);
  });

  it('names a shader that is not there', () => {
    expect(() => assemble('test_nowhere', {})).toThrow(KernelError);
  });
});

describe('variants', () => {
  it('are read from the header, one empty one by default', () => {
    expect(
      variantsOf('// a shader\n// variant: {"constants": {"N": 1}}\n// variant: {"types": {"T": "f32"}}\ncode'),
    ).toEqual([{ constants: { N: 1 } }, { types: { T: 'f32' } }]);
    expect(variantsOf('// a shader\ncode')).toEqual([{}]);
  });
});
