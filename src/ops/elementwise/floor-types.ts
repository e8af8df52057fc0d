// The types of shaders/elementwise/floor.wgsl, which whatever ends in a ReLU includes.

const BITS = { f32: 'u32', vec2f: 'vec2u', vec4f: 'vec4u' } as const;

export type FloatType = keyof typeof BITS;

/** For values of `type`, f32 or a vector of them. */
export const floorTypes = (type: FloatType): { F: string; B: string } => ({ F: type, B: BITS[type] });
