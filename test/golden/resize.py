"""torch.nn.functional.interpolate on odd sizes, up and down, by size and by scale, in every mode and alignment; otherwise as ops.py."""
import torch.nn.functional as F

from ops import ops


def interpolate(x, mode, size=None, scale=None, alignCorners=None):
    return F.interpolate(x, size=size, scale_factor=scale, mode=mode, align_corners=alignCorners)


MODES = [('nearest', {}), *((mode, {'alignCorners': aligned}) for mode in ('bilinear', 'bicubic') for aligned in (False, True))]
TARGETS = [('up', {'size': (8, 11)}), ('down', {'size': (3, 4)}), ('mixed', {'size': (9, 1)}), ('scale', {'scale': (1.7, 0.6)})]
CASES = [
    ('resize-' + '-'.join([mode, target, *(['aligned'] if more.get('alignCorners') else [])]), interpolate, {'x': (1, 2, 5, 7)}, {'mode': mode, **more, **how})
    for mode, more in MODES for target, how in TARGETS
]


def resize():
    return ops(CASES)
