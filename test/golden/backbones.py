"""Whole passes through the backbones: one forward and backward in training, and one evaluation under the running statistics it left."""
from collections import namedtuple

import torch
import torch.nn.functional as F

from formula import formula_uniform, full, rounded, summaries, summary, to_torch
from networks import (count, densenet, densenet_shapes, norm_buffers, parameters, resnet, resnet_shapes, vgg,
                      vgg_shapes)

WIDTHS = [64, 128, 256, 512]
VGG16 = [[64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3]
SMOOTHING = 0.1

# `layout`: what the forward function reads beside the shapes; `side`: of the images; `keep`: the gradients stored, else all of them and the rest;
# `samples` of each summary; `gains`: factors of the formula's parameters by the end of their names.
Backbone = namedtuple('Backbone', 'shapes forward layout count side labels keep samples gains', defaults=(None, 4, {}))


def imagenet(blocks, expected, expansion=1, **options):
    """Images of the smallest side that leaves the last stage more than one pixel, with odd ones on the way: 33, 17, 9, 5, 3, 2."""
    return Backbone(resnet_shapes(WIDTHS, blocks, 1000, 7, expansion), resnet, blocks, expected, 33, [417, 83], **options)


BACKBONES = {
    'resnet18': Backbone(resnet_shapes(WIDTHS, [2, 2, 2, 2]), resnet, [2, 2, 2, 2], 11173962, 16, [3, 1, 9, 0], samples=16),
    # Two images: half the activations keep twice as far from the kinks, which the deeper network needs.
    'resnet34': Backbone(resnet_shapes(WIDTHS, [3, 4, 6, 3]), resnet, [3, 4, 6, 3], 21282122, 16, [3, 1],
                         ['conv1.weight', 'layer3.5.conv2.weight', 'fc.weight', 'fc.bias'], 16),
    'densenet-bc-100-12': Backbone(densenet_shapes([16, 16, 16], 12, 24), densenet, [16, 16, 16], 769162, 8, [6, 2]),
    'vgg16': Backbone(vgg_shapes(VGG16), vgg, VGG16, 14728266, 32, [4, 8]),
    'resnet18-imagenet': imagenet([2, 2, 2, 2], 11689512),
    'resnet34-imagenet': imagenet([3, 4, 6, 3], 21797672),
    # With full branches each of its 53 norms makes rounding a fifth larger, and torch's own f32 run is off by 6e-5.
    'resnet50-imagenet': imagenet([3, 4, 6, 3], 25557032, 4, gains={'.bn3.weight': 0.25}),
}


def weights(net, dtype):
    p = parameters(net.shapes, dtype)
    with torch.no_grad():
        for name, tensor in p.items():
            for end, gain in net.gains.items():
                if name.endswith(end):
                    tensor *= gain
    return p


def train(net, x_name, x_shape, dtype):
    p, buffers = weights(net, dtype), norm_buffers(net.shapes, dtype)
    x = to_torch(formula_uniform(x_name, x_shape), dtype).requires_grad_()
    logits = net.forward(p, buffers, x, net.layout, True)
    loss = F.cross_entropy(logits, torch.tensor(net.labels), label_smoothing=SMOOTHING)
    loss.backward()
    return {'logits': logits, 'loss': loss, 'p': {name: tensor.grad for name, tensor in p.items()}, 'dx': x.grad, 'buffers': buffers,
            'eval': net.forward(p, buffers, x, net.layout, False)}


def backbone(best_trial, name):
    net = BACKBONES[name]
    assert count(net.shapes) == net.count, count(net.shapes)
    x_shape = (len(net.labels), 3, net.side, net.side)
    p = weights(net, torch.float64)
    trial, margin = best_trial(lambda k: net.forward(p, norm_buffers(net.shapes, torch.float64), to_torch(
        formula_uniform(f'input.{k}', x_shape), torch.float64), net.layout, True))
    x_name = f'input.{trial}'
    a, b = [train(net, x_name, x_shape, dtype) for dtype in (torch.float64, torch.float32)]

    def logits(key):
        return full(a[key], b[key]) if a[key].shape[1] < 100 else summary('logits', a[key], b[key])

    wanted = {key: grad for key, grad in a['p'].items() if net.keep is None or key in net.keep}
    golden = {
        'parameterCount': count(net.shapes), 'input': {'name': x_name, 'shape': x_shape}, 'labels': net.labels, 'labelSmoothing': SMOOTHING,
        'margin': margin, 'logits': logits('logits'), 'loss': rounded(a['loss'].item()),
        'gradients': summaries(wanted, b['p'], net.samples),
    }
    if net.gains:
        golden |= {'gains': net.gains}
    if net.keep is None:
        golden |= {'inputGradient': summary('input', a['dx'], b['dx']), 'buffers': summaries(a['buffers'], b['buffers'], net.samples),
                   'evalLogits': logits('eval')}
    return golden
