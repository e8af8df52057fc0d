"""Writes the golden values of this folder:  python3 test/golden/make_goldens.py [name ...]   (needs torch >= 1.13, numpy and Pillow; coco, pycocotools, too).

Everything is computed in float64 from float32 formula inputs; each quantity also carries `f32`, the relative l2 error that torch's own
float32 run makes, from which a test derives its tolerance. Where a gradient passes ReLU or max-pool, the number in the inputs' names is
the one among TRIES that stays farthest (`margin`, in standard deviations) from the kinks, so that float32 rounding flips none of them.
Tests read only the JSON files and never need Python."""
import json
import pathlib
import sys
from functools import partial

sys.dont_write_bytecode = True

import torch
import torch.nn.functional as F

from an_step import an_step
from astrocytes import cnn_golden, fcn_golden, unet_golden
from backbones import BACKBONES, backbone
from coco import coco
from detector import detector_full, detectors
from formula import fnv1a, formula_parameter, formula_uniform, full, rounded, summaries, summary, to_torch
from losses import losses
from networks import Kinks, count, norm_buffers, parameters, resnet, resnet_shapes
from ops import ops
from optim import optim
from pictures import pictures
from positions import positions
from resize import resize
from vit import vit_full, vits

TRIES = 300


def best_trial(run, tries=TRIES):
    """The number k for which run(k) keeps the greatest margin, and that margin."""
    with torch.no_grad():
        margins = [Kinks.measure(lambda: run(k)) for k in range(tries)]
    best = max(range(tries), key=margins.__getitem__)
    return best, rounded(margins[best], 3)


def formula():
    names = ['', 'x', 'conv1.weight', 'layer2.0.downsample.1.bias']
    big = formula_uniform('big', (100003,))
    return {
        'seeds': {name: fnv1a(name) for name in names},
        'uniform': {name: formula_uniform(name, (2, 3)).flatten().tolist() for name in names},
        'scaled': formula_uniform('x', (5,), 0.35, 0.55).tolist(),
        'parameters': {name: {'shape': shape, 'values': formula_parameter(name, shape).flatten().tolist()} for name, shape in
                       {'a.weight': (3,), 'a.bias': (3,), 'b.weight': (2, 1, 3, 1)}.items()},
        'last': float(big[-1]),
        'summary': summary('big', to_torch(big, torch.float64), to_torch(big, torch.float32)),
    }


def resnet_small():
    shapes, blocks, x_shape, labels = resnet_shapes([16, 32, 64], [1, 1, 1]), [1, 1, 1], (6, 3, 16, 16), [7, 2, 0, 5, 9, 2]
    options = {'lr': 0.05, 'momentum': 0.9, 'nesterov': True, 'weight_decay': 5e-4}

    def train(x_name, dtype):
        p, buffers = parameters(shapes, dtype), norm_buffers(shapes, dtype)
        x = to_torch(formula_uniform(x_name, x_shape), dtype)
        sgd, losses = torch.optim.SGD(p.values(), **options), []
        for _ in range(3):
            with torch.enable_grad():
                loss = F.cross_entropy(resnet(p, buffers, x, blocks, True), torch.tensor(labels))
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            losses.append(loss.detach())
        margin, Kinks.margin = Kinks.margin, None
        logits = resnet(p, buffers, x, blocks, False)
        Kinks.margin = margin
        return {'losses': torch.stack(losses), 'p': p, 'buffers': buffers, 'eval': logits}

    trial, margin = best_trial(lambda k: train(f'input.{k}', torch.float64))
    a, b = [train(f'input.{trial}', dtype) for dtype in (torch.float64, torch.float32)]
    return {
        'parameterCount': count(shapes), 'input': {'name': f'input.{trial}', 'shape': x_shape}, 'labels': labels,
        'sgd': {'lr': 0.05, 'momentum': 0.9, 'nesterov': True, 'weightDecay': 5e-4}, 'margin': margin,
        'losses': full(a['losses'], b['losses']), 'parameters': summaries(a['p'], b['p']), 'buffers': summaries(a['buffers'], b['buffers']),
        'evalLogits': full(a['eval'], b['eval']),
    }


GOLDENS = {
    'formula': formula, 'resnet-small': resnet_small, **{name: partial(backbone, best_trial, name) for name in BACKBONES},
    'unet': lambda: unet_golden(best_trial), 'fcn': lambda: fcn_golden(best_trial), 'cnn': lambda: cnn_golden(best_trial),
    'an-step': lambda: an_step(best_trial), 'optim': optim, 'ops': ops, 'resize': resize, 'losses': losses, 'pictures': pictures,
    'vit': vits, 'vit-full': vit_full, 'positions': positions, 'coco': coco,
    'detector': lambda: detectors(best_trial), 'detector-full': detector_full,
}

if __name__ == '__main__':
    for name in sys.argv[1:] or GOLDENS:
        path = pathlib.Path(__file__).with_name(name + '.json')
        path.write_text(json.dumps(GOLDENS[name](), separators=(',', ':')) + '\n')
        print(f'{path.name}: {path.stat().st_size} bytes', flush=True)
