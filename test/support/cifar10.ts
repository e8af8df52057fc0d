// The real CIFAR-10, for the tests that need it: in $CIFAR10_DIR or in datasets/, as the library itself looks for it. No test downloads it.
import { cifar10Folder } from '../../src/data/cifar10/cifar10.ts';
import { findCifar10 } from '../../src/data/cifar10/format.ts';

/** Is it there? A $CIFAR10_DIR that does not hold it counts as well: a test that fails on it says more than one that is skipped. */
export const hasCifar10 = !!process.env.CIFAR10_DIR || (await findCifar10(cifar10Folder)) !== undefined;

/** For the names of tests that are skipped without it. */
export const CIFAR10_NEEDED = '(needs CIFAR-10 in $CIFAR10_DIR or datasets/)';
