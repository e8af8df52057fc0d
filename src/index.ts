// astrogpu's public face: everything, by floor. The same parts are importable alone: astrogpu/gpu, astrogpu/tensor, astrogpu/nn, ...
export * from './astro/index.ts';
export * from './data/index.ts';
export * from './explain/index.ts';
export * from './export/index.ts';
export * from './gpu/index.ts';
export * from './io/index.ts';
export * from './models/index.ts';
export * from './nn/index.ts';
export * from './prune/index.ts';
export * from './report/index.ts';
export * from './tensor.ts';
export * from './train/index.ts';
