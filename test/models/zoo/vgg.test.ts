// VGG16 with batch norm against PyTorch.
import { describe } from 'vitest';
import { agreesWithTorch } from '../../support/backbone.ts';

describe('vgg16 against PyTorch', () => agreesWithTorch('vgg16'));
