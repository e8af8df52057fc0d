"""The reference networks as plain functions of a dictionary of tensors with torchvision's names, in any dtype."""
import torch
import torch.nn.functional as F

from formula import formula_parameter, to_torch


class Kinks:
    """While active, the smallest distance of any activation from a point where a gradient jumps, in standard deviations."""
    margin = None

    @classmethod
    def measure(cls, run):
        cls.margin = float('inf')
        run()
        margin, cls.margin = cls.margin, None
        return margin

    @classmethod
    def see(cls, distance, scale):
        if cls.margin is not None and distance.numel():
            cls.margin = min(cls.margin, (distance.min() / scale).item())


def relu(x):
    if Kinks.margin is not None:
        Kinks.see(x.detach().abs(), x.detach().std())
    return F.relu(x)


def max_pool2(x):
    """2x2 max-pool of ReLU outputs. Ties among zeros carry no gradient; ties within 1e-12 are equal surroundings (padding)."""
    if Kinks.margin is not None:
        windows = F.unfold(x.detach().flatten(0, 1)[:, None], 2, stride=2).transpose(1, 2).sort(-1).values
        gap = (windows[..., 3] - windows[..., 2])[windows[..., 3] > 0]
        Kinks.see(gap[gap > 1e-12], x.detach().std())
    return F.max_pool2d(x, 2)


def parameters(shapes, dtype):
    return {name: to_torch(formula_parameter(name, shape), dtype).requires_grad_() for name, shape in shapes.items()}


def count(shapes):
    return sum(int(torch.Size(shape).numel()) for shape in shapes.values())


def resnet_shapes(widths, blocks, classes=10):
    shapes, inputs = {}, widths[0]

    def conv_norm(conv, norm, cout, cin, k):
        shapes[conv + '.weight'] = (cout, cin, k, k)
        shapes[norm + '.weight'] = shapes[norm + '.bias'] = (cout,)

    conv_norm('conv1', 'bn1', widths[0], 3, 3)
    for stage, (width, depth) in enumerate(zip(widths, blocks), 1):
        for block in range(depth):
            prefix = f'layer{stage}.{block}.'
            conv_norm(prefix + 'conv1', prefix + 'bn1', width, inputs, 3)
            conv_norm(prefix + 'conv2', prefix + 'bn2', width, width, 3)
            if inputs != width:
                conv_norm(prefix + 'downsample.0', prefix + 'downsample.1', width, inputs, 1)
            inputs = width
    shapes['fc.weight'], shapes['fc.bias'] = (classes, inputs), (classes,)
    return shapes


def resnet_buffers(shapes, dtype):
    """Running mean 0 and variance 1 of every batch norm."""
    buffers = {}
    for name, shape in shapes.items():
        if name.endswith('.weight') and len(shape) == 1:
            buffers[name[:-6] + 'running_mean'] = torch.zeros(shape, dtype=dtype)
            buffers[name[:-6] + 'running_var'] = torch.ones(shape, dtype=dtype)
    return buffers


def resnet(p, buffers, x, blocks, train):
    """CIFAR ResNet of BasicBlocks: N x 3 x H x W -> logits. Updates the buffers (momentum 0.1, unbiased variance) if train."""
    def norm(name, h):
        return F.batch_norm(h, buffers[name + '.running_mean'], buffers[name + '.running_var'],
                            p[name + '.weight'], p[name + '.bias'], train, 0.1, 1e-5)

    x = relu(norm('bn1', F.conv2d(x, p['conv1.weight'], padding=1)))
    for stage, depth in enumerate(blocks, 1):
        for block in range(depth):
            prefix, stride = f'layer{stage}.{block}.', 2 if stage > 1 and block == 0 else 1
            h = relu(norm(prefix + 'bn1', F.conv2d(x, p[prefix + 'conv1.weight'], stride=stride, padding=1)))
            h = norm(prefix + 'bn2', F.conv2d(h, p[prefix + 'conv2.weight'], padding=1))
            if prefix + 'downsample.0.weight' in p:
                x = norm(prefix + 'downsample.1', F.conv2d(x, p[prefix + 'downsample.0.weight'], stride=stride))
            x = relu(h + x)
    return F.linear(x.mean((2, 3)), p['fc.weight'], p['fc.bias'])


def unet_shapes():
    shapes, widths = {}, [16, 32, 64, 128]

    def conv_norm(prefix, cout, cin):
        shapes[prefix + '.conv.weight'] = (cout, cin, 3, 3)
        shapes[prefix + '.norm.weight'] = shapes[prefix + '.norm.bias'] = (cout,)

    for i, width in enumerate(widths):
        conv_norm(f'encoder.{i}', width, widths[i - 1] if i else 1)
    for j, width in enumerate(reversed(widths[:3])):
        shapes[f'up.{j}.weight'], shapes[f'up.{j}.bias'] = (2 * width, width, 2, 2), (width,)
        conv_norm(f'decoder.{j}', width, 2 * width)
    shapes['score.weight'], shapes['score.bias'] = (1, 16, 3, 3), (1,)
    return shapes


def unet(p, x):
    """N x 1 x H x W -> logits of the same shape. Batch norm by hand: torch refuses one value per channel (x - mean = 0 there)."""
    def block(prefix, h):
        h = F.conv2d(h, p[prefix + '.conv.weight'], padding=1)
        mean = h.mean((0, 2, 3), keepdim=True)
        var = ((h - mean) ** 2).mean((0, 2, 3), keepdim=True)
        h = (h - mean) / torch.sqrt(var + 1e-5)
        return relu(h * p[prefix + '.norm.weight'][:, None, None] + p[prefix + '.norm.bias'][:, None, None])

    height, width = x.shape[2:]
    h = F.pad(x, (0, -width % 8, 0, -height % 8))
    skips = []
    for i in range(4):
        h = block(f'encoder.{i}', max_pool2(h) if i else h)
        skips.append(h)
    for j in range(3):
        up = F.conv_transpose2d(h, p[f'up.{j}.weight'], p[f'up.{j}.bias'], stride=2)
        h = block(f'decoder.{j}', torch.cat([skips[2 - j], up], 1))
    return F.conv2d(h, p['score.weight'], p['score.bias'], padding=1)[:, :, :height, :width]
