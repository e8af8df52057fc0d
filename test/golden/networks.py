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


def max_pool(x, kernel, stride, padding=0):
    """Max-pool of ReLU outputs. Ties among zeros carry no gradient; ties within 1e-12 are equal surroundings (padding)."""
    if Kinks.margin is not None:
        windows = F.unfold(x.detach().flatten(0, 1)[:, None], kernel, stride=stride, padding=padding).transpose(1, 2)
        best = windows.topk(2, -1).values
        gap = (best[..., 0] - best[..., 1])[best[..., 0] > 0]
        Kinks.see(gap[gap > 1e-12], x.detach().std())
    return F.max_pool2d(x, kernel, stride, padding)


def max_pool2(x):
    return max_pool(x, 2, 2)


def parameters(shapes, dtype):
    return {name: to_torch(formula_parameter(name, shape), dtype).requires_grad_() for name, shape in shapes.items()}


def count(shapes):
    return sum(int(torch.Size(shape).numel()) for shape in shapes.values())


def resnet_shapes(widths, blocks, classes=10, stem=3, expansion=1):
    """`stem`: side of the first kernel, 7 for ImageNet. `expansion`: 4 for bottlenecks."""
    shapes, inputs = {}, widths[0]

    def conv_norm(conv, norm, cout, cin, k):
        shapes[conv + '.weight'] = (cout, cin, k, k)
        shapes[norm + '.weight'] = shapes[norm + '.bias'] = (cout,)

    conv_norm('conv1', 'bn1', widths[0], 3, stem)
    for stage, (width, depth) in enumerate(zip(widths, blocks), 1):
        for block in range(depth):
            prefix, outputs = f'layer{stage}.{block}.', width * expansion
            if expansion == 1:
                conv_norm(prefix + 'conv1', prefix + 'bn1', width, inputs, 3)
                conv_norm(prefix + 'conv2', prefix + 'bn2', width, width, 3)
            else:
                conv_norm(prefix + 'conv1', prefix + 'bn1', width, inputs, 1)
                conv_norm(prefix + 'conv2', prefix + 'bn2', width, width, 3)
                conv_norm(prefix + 'conv3', prefix + 'bn3', outputs, width, 1)
            if inputs != outputs:
                conv_norm(prefix + 'downsample.0', prefix + 'downsample.1', outputs, inputs, 1)
            inputs = outputs
    shapes['fc.weight'], shapes['fc.bias'] = (classes, inputs), (classes,)
    return shapes


def norm_buffers(shapes, dtype):
    """Running mean 0 and variance 1 of every batch norm."""
    buffers = {}
    for name, shape in shapes.items():
        if name.endswith('.weight') and len(shape) == 1:
            buffers[name[:-6] + 'running_mean'] = torch.zeros(shape, dtype=dtype)
            buffers[name[:-6] + 'running_var'] = torch.ones(shape, dtype=dtype)
    return buffers


def norms(p, buffers, train):
    """Batch norm by name. Updates the buffers (momentum 0.1, unbiased variance) if train."""
    return lambda name, h: F.batch_norm(h, buffers[name + '.running_mean'], buffers[name + '.running_var'],
                                        p[name + '.weight'], p[name + '.bias'], train, 0.1, 1e-5)


def resnet(p, buffers, x, blocks, train):
    """N x 3 x H x W -> logits."""
    return F.linear(resnet_stages(p, buffers, x, blocks, train)[-1].mean((2, 3)), p['fc.weight'], p['fc.bias'])


def resnet_stages(p, buffers, x, blocks, train):
    """N x 3 x H x W -> what each stage ends with. What the shapes do not say: padding keeps sides, a 7x7 stem has stride 2 and a max-pool
    after it, and the stride of a block is that of its first 3x3 convolution."""
    norm = norms(p, buffers, train)

    def conv(name, h, stride=1):
        weight = p[name + '.weight']
        return F.conv2d(h, weight, stride=stride, padding=weight.shape[-1] // 2)

    imagenet = p['conv1.weight'].shape[-1] == 7
    x = relu(norm('bn1', conv('conv1', x, 2 if imagenet else 1)))
    if imagenet:
        x = max_pool(x, 3, 2, 1)
    ends = []
    for stage, depth in enumerate(blocks, 1):
        for block in range(depth):
            prefix, stride = f'layer{stage}.{block}.', 2 if stage > 1 and block == 0 else 1
            deep = prefix + 'conv3.weight' in p
            h = relu(norm(prefix + 'bn1', conv(prefix + 'conv1', x, 1 if deep else stride)))
            h = norm(prefix + 'bn2', conv(prefix + 'conv2', h, stride if deep else 1))
            if deep:
                h = norm(prefix + 'bn3', conv(prefix + 'conv3', relu(h)))
            if prefix + 'downsample.0.weight' in p:
                x = norm(prefix + 'downsample.1', conv(prefix + 'downsample.0', x, stride))
            x = relu(h + x)
        ends.append(x)
    return ends


def densenet_shapes(layers, growth, stem, classes=10):
    shapes, width = {'features.conv0.weight': (stem, 3, 3, 3)}, stem

    def norm(name, channels):
        shapes[name + '.weight'] = shapes[name + '.bias'] = (channels,)

    for block, depth in enumerate(layers, 1):
        for layer in range(1, depth + 1):
            prefix = f'features.denseblock{block}.denselayer{layer}.'
            norm(prefix + 'norm1', width)
            shapes[prefix + 'conv1.weight'] = (4 * growth, width, 1, 1)
            norm(prefix + 'norm2', 4 * growth)
            shapes[prefix + 'conv2.weight'] = (growth, 4 * growth, 3, 3)
            width += growth
        if block < len(layers):
            norm(f'features.transition{block}.norm', width)
            shapes[f'features.transition{block}.conv.weight'] = (width // 2, width, 1, 1)
            width //= 2
    norm('features.norm5', width)
    shapes['classifier.weight'], shapes['classifier.bias'] = (classes, width), (classes,)
    return shapes


def densenet(p, buffers, x, layers, train):
    """N x 3 x H x W -> logits: norm, ReLU and convolution in this order, and each layer reads all before it in its block."""
    norm = norms(p, buffers, train)
    x = F.conv2d(x, p['features.conv0.weight'], padding=1)
    for block, depth in enumerate(layers, 1):
        for layer in range(1, depth + 1):
            prefix = f'features.denseblock{block}.denselayer{layer}.'
            h = F.conv2d(relu(norm(prefix + 'norm1', x)), p[prefix + 'conv1.weight'])
            h = F.conv2d(relu(norm(prefix + 'norm2', h)), p[prefix + 'conv2.weight'], padding=1)
            x = torch.cat([x, h], 1)
        if block < len(layers):
            prefix = f'features.transition{block}.'
            x = F.avg_pool2d(F.conv2d(relu(norm(prefix + 'norm', x)), p[prefix + 'conv.weight']), 2)
    return F.linear(relu(norm('features.norm5', x)).mean((2, 3)), p['classifier.weight'], p['classifier.bias'])


def vgg_shapes(stages, classes=10):
    """Numbered as a list of convolutions, norms, ReLUs and pools."""
    shapes, place, inputs = {}, 0, 3
    for widths in stages:
        for width in widths:
            shapes[f'features.{place}.weight'], shapes[f'features.{place}.bias'] = (width, inputs, 3, 3), (width,)
            shapes[f'features.{place + 1}.weight'] = shapes[f'features.{place + 1}.bias'] = (width,)
            inputs, place = width, place + 3
        place += 1
    shapes['classifier.weight'], shapes['classifier.bias'] = (classes, inputs), (classes,)
    return shapes


def vgg(p, buffers, x, stages, train):
    norm, place = norms(p, buffers, train), 0
    for widths in stages:
        for _ in widths:
            conv = f'features.{place}.'
            x = relu(norm(f'features.{place + 1}', F.conv2d(x, p[conv + 'weight'], p[conv + 'bias'], padding=1)))
            place += 3
        x, place = max_pool(x, 2, 2), place + 1
    return F.linear(x.mean((2, 3)), p['classifier.weight'], p['classifier.bias'])


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
