"""Single ops of odd shapes, forward and backward. All tensors are in torch's layouts: activations NCHW, kernels OIHW (transposed: IOHW).
Inputs are formula_uniform(`<case>.<input>`), the output's gradient is formula_uniform(`<case>.dy`), or 1 for a scalar."""
import torch
import torch.nn.functional as F

from formula import formula_uniform, full, to_torch


def conv(x, w, bias=None, **o):
    return F.conv2d(x, w, bias, **o)


def conv_transpose(x, w, bias=None, outputPadding=0, **o):
    return F.conv_transpose2d(x, w, bias, output_padding=outputPadding, **o)


def avg_pool(x, kernel, countIncludePad=True, **o):
    return F.avg_pool2d(x, kernel, count_include_pad=countIncludePad, **o)


def max_pool(x, kernel, **o):
    return F.max_pool2d(x, kernel, **o)


def batch_norm(x, weight, bias, train, momentum=0.1, eps=1e-5):
    """Running statistics start at mean 0.2, variance 1.5; the ones after the call are further outputs."""
    mean, var = torch.full_like(weight, 0.2).detach(), torch.full_like(weight, 1.5).detach()
    y = F.batch_norm(x, mean, var, weight, bias, train, momentum, eps)
    return y, {'runningMean': mean, 'runningVar': var}


def cross_entropy(logits, labels, labelSmoothing):
    return F.cross_entropy(logits, torch.tensor(labels), label_smoothing=labelSmoothing)


CASES = [
    ('conv2d-odd', conv, {'x': (2, 3, 7, 5), 'w': (4, 3, 3, 3), 'bias': (4,)}, {'stride': 1, 'padding': 1, 'dilation': 1, 'groups': 1}),
    ('conv2d-stride2', conv, {'x': (2, 5, 9, 8), 'w': (7, 5, 3, 3)}, {'stride': 2, 'padding': 2, 'dilation': 1, 'groups': 1}),
    ('conv2d-dilation2', conv, {'x': (1, 4, 9, 7), 'w': (3, 4, 3, 3)}, {'stride': 1, 'padding': 1, 'dilation': 2, 'groups': 1}),
    ('conv2d-groups3', conv, {'x': (2, 6, 6, 5), 'w': (9, 2, 3, 3), 'bias': (9,)}, {'stride': 1, 'padding': 1, 'dilation': 1, 'groups': 3}),
    ('conv2d-all', conv, {'x': (2, 6, 11, 10), 'w': (9, 2, 3, 3)}, {'stride': 2, 'padding': 2, 'dilation': 2, 'groups': 3}),
    ('conv2d-1x1', conv, {'x': (2, 6, 7, 7), 'w': (5, 6, 1, 1)}, {'stride': 2, 'padding': 0, 'dilation': 1, 'groups': 1}),
    ('conv2d-5x3', conv, {'x': (1, 3, 8, 9), 'w': (4, 3, 5, 3)}, {'stride': 2, 'padding': 2, 'dilation': 1, 'groups': 1}),
    ('convTranspose2d-2x2', conv_transpose, {'x': (2, 5, 3, 4), 'w': (5, 3, 2, 2), 'bias': (3,)},
     {'stride': 2, 'padding': 0, 'outputPadding': 0, 'dilation': 1, 'groups': 1}),
    ('convTranspose2d-output-padding', conv_transpose, {'x': (1, 4, 4, 3), 'w': (4, 6, 3, 3)},
     {'stride': 2, 'padding': 1, 'outputPadding': 1, 'dilation': 1, 'groups': 1}),
    ('convTranspose2d-groups2', conv_transpose, {'x': (1, 4, 5, 4), 'w': (4, 3, 3, 3), 'bias': (6,)},
     {'stride': 1, 'padding': 1, 'outputPadding': 0, 'dilation': 2, 'groups': 2}),
    ('convTranspose2d-4x4', conv_transpose, {'x': (2, 3, 3, 5), 'w': (3, 2, 4, 4)},
     {'stride': 2, 'padding': 1, 'outputPadding': 0, 'dilation': 1, 'groups': 1}),
    ('maxPool2d-2x2', max_pool, {'x': (2, 3, 7, 9)}, {'kernel': 2, 'stride': 2, 'padding': 0}),
    ('maxPool2d-3x3', max_pool, {'x': (2, 3, 8, 7)}, {'kernel': 3, 'stride': 2, 'padding': 1}),
    ('avgPool2d-2x2', avg_pool, {'x': (2, 3, 7, 9)}, {'kernel': 2, 'stride': 2, 'padding': 0, 'countIncludePad': True}),
    ('avgPool2d-3x3', avg_pool, {'x': (2, 3, 8, 7)}, {'kernel': 3, 'stride': 2, 'padding': 1, 'countIncludePad': True}),
    ('avgPool2d-3x3-exclude', avg_pool, {'x': (2, 3, 8, 7)}, {'kernel': 3, 'stride': 2, 'padding': 1, 'countIncludePad': False}),
    ('batchNorm-train', batch_norm, {'x': (3, 5, 4, 3), 'weight': (5,), 'bias': (5,)}, {'train': True, 'momentum': 0.1, 'eps': 1e-5}),
    ('batchNorm-eval', batch_norm, {'x': (3, 5, 4, 3), 'weight': (5,), 'bias': (5,)}, {'train': False, 'momentum': 0.1, 'eps': 1e-5}),
    ('crossEntropy-plain', cross_entropy, {'x': (5, 7)}, {'labels': [6, 0, 3, 3, 1], 'labelSmoothing': 0.0}),
    ('crossEntropy-smoothed', cross_entropy, {'x': (5, 7)}, {'labels': [6, 0, 3, 3, 1], 'labelSmoothing': 0.1}),
]


def run(name, op, shapes, options, dtype):
    inputs = {key: to_torch(formula_uniform(f'{name}.{key}', shape), dtype).requires_grad_() for key, shape in shapes.items()}
    y = op(*inputs.values(), **options)
    y, state = y if isinstance(y, tuple) else (y, {})
    y.backward(to_torch(formula_uniform(f'{name}.dy', y.shape), dtype) if y.dim() else None)
    return {'y': y, **{'d' + key: tensor.grad for key, tensor in inputs.items()}, **state}


def ops(cases=CASES):
    goldens = []
    for name, op, shapes, options in cases:
        a, b = run(name, op, shapes, options, torch.float64), run(name, op, shapes, options, torch.float32)
        goldens.append({'name': name, 'op': name.split('-')[0], 'inputs': shapes, 'options': options,
                        'outputs': {key: full(a[key], b[key]) for key in a}})
    return {'layout': 'NCHW', 'cases': goldens}
