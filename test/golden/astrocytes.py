"""The astrocyte networks: forward and backward on a batch of maps of one size. The `unet` itself is in networks.py."""
import torch
import torch.nn.functional as F

from formula import formula_uniform, full, rounded, summaries, to_torch
from networks import count, max_pool2, parameters, relu, unet, unet_shapes


def block_shapes(prefix, cout, cin):
    return {prefix + '.conv.weight': (cout, cin, 3, 3), prefix + '.norm.weight': (cout,), prefix + '.norm.bias': (cout,)}


def block(p, prefix, h, stride=1):
    """3x3 convolution, batch norm by hand (torch refuses one value per channel), ReLU."""
    h = F.conv2d(h, p[prefix + '.conv.weight'], stride=stride, padding=1)
    mean = h.mean((0, 2, 3), keepdim=True)
    var = ((h - mean) ** 2).mean((0, 2, 3), keepdim=True)
    h = (h - mean) / torch.sqrt(var + 1e-5)
    return relu(h * p[prefix + '.norm.weight'][:, None, None] + p[prefix + '.norm.bias'][:, None, None])


def to_eights(x):
    return F.pad(x, (0, -x.shape[3] % 8, 0, -x.shape[2] % 8))


def fcn_shapes():
    shapes, widths = {}, [1, 16, 32, 64, 128]
    for i in range(4):
        shapes |= block_shapes(f'encoder.{i}', widths[i + 1], widths[i])
    for j, width in enumerate([128, 64, 32]):
        shapes[f'scores.{j}.weight'], shapes[f'scores.{j}.bias'] = (1, width, 1, 1), (1,)
        shapes[f'up.{j}.weight'] = (1, 1, 4, 4)
    return shapes


def fcn(p, x):
    """N x 1 x H x W -> logits of the same shape."""
    h, outputs = to_eights(x), []
    for i in range(4):
        h = block(p, f'encoder.{i}', max_pool2(h) if i else h)
        outputs.append(h)
    scores = [F.conv2d(outputs[3 - j], p[f'scores.{j}.weight'], p[f'scores.{j}.bias']) for j in range(3)]
    s = scores[0]
    for j in range(3):
        s = F.conv_transpose2d(s, p[f'up.{j}.weight'], stride=2, padding=1)
        if j < 2:
            s = s + scores[j + 1]
    return s[:, :, :x.shape[2], :x.shape[3]]


def cnn_shapes(height, width):
    head = f'heads.{height}x{width}'
    return {**block_shapes('encoder.0', 16, 1), **block_shapes('encoder.1', 32, 16), 'last.weight': (64, 32, 3, 3), 'last.bias': (64,),
            head + '.weight': (height * width, 64), head + '.bias': (height * width,)}


def cnn(p, x):
    """N x 1 x H x W -> logits of the same shape."""
    h = block(p, 'encoder.1', block(p, 'encoder.0', to_eights(x), 2), 2)
    h = relu(F.conv2d(h, p['last.weight'], p['last.bias'], stride=2, padding=1)).mean((2, 3))
    head = f'heads.{x.shape[2]}x{x.shape[3]}'
    return F.linear(h, p[head + '.weight'], p[head + '.bias']).reshape(x.shape)


def case(best_trial, network, shapes, shape):
    """loss = mean(logits * probe)."""
    p = parameters(shapes, torch.float64)
    trial, margin = best_trial(lambda k: network(p, to_torch(formula_uniform(f'input.{k}', shape), torch.float64)))

    def run(dtype):
        q = parameters(shapes, dtype)
        x = to_torch(formula_uniform(f'input.{trial}', shape), dtype).requires_grad_()
        logits = network(q, x)
        loss = (logits * to_torch(formula_uniform('probe', shape), dtype)).mean()
        loss.backward()
        return logits, loss, {name: tensor.grad for name, tensor in q.items()}, x.grad

    a, b = run(torch.float64), run(torch.float32)
    return {
        'input': {'name': f'input.{trial}', 'shape': shape}, 'probe': {'name': 'probe', 'shape': shape}, 'margin': margin,
        'logits': full(a[0], b[0]), 'loss': rounded(a[1].item()), 'gradients': summaries(a[2], b[2]), 'inputGradient': full(a[3], b[3]),
    }


SHAPES = (3, 1, 10, 13), (2, 1, 16, 16)


def unet_golden(best_trial):
    assert count(unet_shapes()) == 237649
    return {'parameterCount': 237649, 'cases': [case(best_trial, unet, unet_shapes(), shape) for shape in SHAPES]}


def fcn_golden(best_trial):
    return {'parameterCount': count(fcn_shapes()), 'cases': [case(best_trial, fcn, fcn_shapes(), shape) for shape in SHAPES]}


def cnn_golden(best_trial):
    """Each case has a network of its own, with a head for its maps alone; `parameterCount` is what all of them share."""
    shared = count(cnn_shapes(0, 0))
    return {'parameterCount': shared, 'cases': [case(best_trial, cnn, cnn_shapes(*shape[2:]), shape) for shape in SHAPES]}
