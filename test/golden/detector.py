"""BoxInst by the detector's own names, made of torch's functions: a small one forward and backward, and the losses of a whole one."""
from collections import namedtuple

import numpy as np
import torch
import torch.nn.functional as F

from formula import formula_parameter, formula_uniform, relative_error, rounded, summaries, to_torch
from networks import count, norms, relu, resnet_shapes, resnet_stages

BOTTOM_UP = 'backbone.bottom_up.'
# The stem and the first stage are frozen.
FROZEN = tuple(BOTTOM_UP + part for part in ('conv1.', 'bn1.', 'layer1.'))

# `blocks`, `widths`, `expansion` of the backbone, and the fields of BoxInstConfig.
Detector = namedtuple('Detector', 'blocks widths expansion classes channels towers mask_channels mask_towers mask_features')

SMALL = Detector([1, 1, 1, 1], [8, 12, 16, 20], 1, 5, 16, 2, 12, 2, 6)
WHOLE = Detector([3, 4, 6, 3], [64, 128, 256, 512], 4, 80, 256, 4, 128, 4, 16)
STRIDES = [8, 16, 32, 64, 128]


def head_parameters(features):
    """Of a mask head of three 1x1 convolutions on two coordinates and the features, eight channels between them."""
    return (features + 2 + 1) * 8 + (8 + 1) * 8 + 8 + 1


def shapes_of(d):
    stem = {name: shape for name, shape in resnet_shapes(d.widths, d.blocks, 1, 7, d.expansion).items() if not name.startswith('fc.')}
    shapes = {BOTTOM_UP + name: shape for name, shape in stem.items()}

    def conv(name, outputs, inputs, kernel=3, bias=True):
        shapes[name + '.weight'] = (outputs, inputs, kernel, kernel)
        if bias:
            shapes[name + '.bias'] = (outputs,)

    def norm(name, channels):
        shapes[name + '.weight'] = shapes[name + '.bias'] = (channels,)

    for level in (3, 4, 5):
        conv(f'backbone.fpn_lateral{level}', d.channels, d.widths[level - 2] * d.expansion, 1)
        conv(f'backbone.fpn_output{level}', d.channels, d.channels)
    for level in (6, 7):
        conv(f'backbone.top_block.p{level}', d.channels, d.channels)
    for tower in ('cls', 'bbox'):
        for i in range(d.towers):
            conv(f'fcos_head.{tower}_tower.{3 * i}', d.channels, d.channels)
            norm(f'fcos_head.{tower}_tower.{3 * i + 1}', d.channels)
    conv('fcos_head.cls_logits', d.classes, d.channels)
    conv('fcos_head.bbox_pred', 4, d.channels)
    conv('fcos_head.ctrness', 1, d.channels)
    for level in range(5):
        shapes[f'fcos_head.scales.{level}.scale'] = (1,)
    conv('controller', head_parameters(d.mask_features), d.channels)

    def block(name, inputs):
        conv(name + '.0', d.mask_channels, inputs, bias=False)
        norm(name + '.1', d.mask_channels)

    for i in range(3):
        block(f'mask_branch.refine.{i}', d.channels)
    for i in range(d.mask_towers):
        block(f'mask_branch.tower.{i}', d.mask_channels)
    conv(f'mask_branch.tower.{d.mask_towers}', d.mask_features, d.mask_channels, 1)
    return shapes


def detector_parameter(name, shape):
    """As formula_parameter; the scales of levels are near 1 as those of normalizations are."""
    return formula_uniform(name, shape, 0.1, 1.0) if name.endswith('.scale') else formula_parameter(name, shape)


def parameters(shapes, dtype):
    p = {name: to_torch(detector_parameter(name, shape), dtype) for name, shape in shapes.items()}
    for name, tensor in p.items():
        frozen = name.startswith(FROZEN) or (name.startswith(BOTTOM_UP) and tensor.dim() == 1)
        tensor.requires_grad_(not frozen)
    return p


def buffers_of(shapes, dtype):
    """Running statistics of the batch norms: means 0.1u, variances 1 + 0.1u."""
    buffers = {}
    for name, shape in shapes.items():
        if len(shape) == 1 and name.endswith('.weight') and name.startswith((BOTTOM_UP, 'mask_branch.')):
            for end, offset in ('running_mean', 0.0), ('running_var', 1.0):
                key = name[:-6] + end
                buffers[key] = to_torch(formula_uniform(key, shape, 0.1, offset), dtype)
    return buffers


def below(tensors, prefix):
    return {name[len(prefix):]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def aligned_bilinear(x, factor):
    """Upsampling that keeps the corner of the first pixel's middle where it is (CondInst)."""
    height, width = x.shape[2:]
    x = F.pad(x, (0, 1, 0, 1), 'replicate')
    x = F.interpolate(x, size=(factor * height + 1, factor * width + 1), mode='bilinear', align_corners=True)
    x = F.pad(x, (factor // 2, 0, factor // 2, 0), 'replicate')
    return x[:, :, :factor * height, :factor * width]


def listed(maps):
    """N x C x H x W of each level as N x L x C, row by row, level after level."""
    return torch.cat([m.permute(0, 2, 3, 1).flatten(1, 2) for m in maps], 1)


def detector(p, buffers, x, d):
    """N x 3 x H x W -> what the detector gives in training, its lists N x L x C and its mask features N x C x H/8 x W/8."""
    def conv(name, h, stride=1):
        weight = p[name + '.weight']
        return F.conv2d(h, weight, p.get(name + '.bias'), stride=stride, padding=weight.shape[-1] // 2)

    c3, c4, c5 = resnet_stages(below(p, BOTTOM_UP), below(buffers, BOTTOM_UP), x, d.blocks, False)[1:]
    upper = conv('backbone.fpn_lateral5', c5)
    middle = conv('backbone.fpn_lateral4', c4) + F.interpolate(upper, scale_factor=2, mode='nearest')
    lower = conv('backbone.fpn_lateral3', c3) + F.interpolate(middle, scale_factor=2, mode='nearest')
    maps = [conv(f'backbone.fpn_output{level}', h) for level, h in ((3, lower), (4, middle), (5, upper))]
    maps.append(conv('backbone.top_block.p6', maps[2], 2))
    maps.append(conv('backbone.top_block.p7', relu(maps[3]), 2))

    groups = max(1, min(32, d.channels // 8))

    def tower(name, h):
        for i in range(d.towers):
            at = f'fcos_head.{name}_tower.{3 * i}'
            norm = f'fcos_head.{name}_tower.{3 * i + 1}'
            h = relu(F.group_norm(conv(at, h), groups, p[norm + '.weight'], p[norm + '.bias']))
        return h

    boxes = [tower('bbox', h) for h in maps]
    norm = norms(p, buffers, True)

    def block(name, h):
        return relu(norm(name + '.1', conv(name + '.0', h)))

    features = block('mask_branch.refine.0', maps[0])
    for i in (1, 2):
        features = features + aligned_bilinear(block(f'mask_branch.refine.{i}', maps[i]), 2 ** i)
    for i in range(d.mask_towers):
        features = block(f'mask_branch.tower.{i}', features)
    return {
        'logits': listed([conv('fcos_head.cls_logits', tower('cls', h)) for h in maps]),
        'regression': listed([relu(conv('fcos_head.bbox_pred', h) * p[f'fcos_head.scales.{i}.scale']) for i, h in enumerate(boxes)]),
        'centerness': listed([conv('fcos_head.ctrness', h) for h in boxes])[..., 0],
        'controllers': listed([conv('controller', h) for h in boxes]),
        'maskFeatures': conv(f'mask_branch.tower.{d.mask_towers}', features),
    }


def channels_last(name, tensor):
    return tensor.permute(0, 2, 3, 1) if name == 'maskFeatures' else tensor


def detectors(best_trial):
    d, shapes, x_shape = SMALL, shapes_of(SMALL), (2, 3, 64, 96)

    def run(x_name, dtype):
        p, buffers = parameters(shapes, dtype), buffers_of(shapes, dtype)
        outputs = {name: channels_last(name, t) for name, t in detector(p, buffers, to_torch(formula_uniform(x_name, x_shape), dtype), d).items()}
        # What the gradients are of: each output by a weight of its own.
        sum((t * to_torch(formula_uniform('d' + name, t.shape), dtype)).sum() for name, t in outputs.items()).backward()
        return {'outputs': {name: t.detach() for name, t in outputs.items()}, 'buffers': {k: t for k, t in buffers.items() if not k.startswith(BOTTOM_UP)},
                'gradients': {name: t.grad for name, t in p.items() if t.requires_grad}}

    trial, margin = best_trial(lambda k: detector(
        parameters(shapes, torch.float64), buffers_of(shapes, torch.float64), to_torch(formula_uniform(f'input.{k}', x_shape), torch.float64), d))
    a, b = [run(f'input.{trial}', dtype) for dtype in (torch.float64, torch.float32)]
    return {'config': d._asdict(), 'parameterCount': count({n: s for n, s in shapes.items() if n in a['gradients']}),
            'input': {'name': f'input.{trial}', 'shape': x_shape}, 'margin': margin,
            **{key: summaries(a[key], b[key], 4) for key in ('outputs', 'gradients', 'buffers')}}


# The whole one. Its image is flat in squares of 4 x 4 pixels, so that the colors at stride 4 are whole numbers, and has sides that leave no location
# of a coarse level beyond it: those count nowhere.
HEIGHT, WIDTH = 256, 384
BOXES = [[24, 30, 150, 140], [100, 60, 290, 236], [200, 20, 252, 66]]
CLASSES = [17, 3, 61]
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
RANGES = [(-1, 64), (64, 128), (128, 256), (256, 512), (512, float('inf'))]
SIZES = [64, 128, 256, 512, 1024]
BOTTOM_ROWS = 10


def squares():
    """Colors of the squares [H/4, W/4, 3]: gentle slopes with a pattern of a few values, and each object of another color."""
    r, c = np.mgrid[:HEIGHT // 4, :WIDTH // 4]
    colors = np.stack([40 + r + c // 2, 60 + c, 200 - r], -1) + ((r * 7 + c * 3) % 4)[..., None]
    for i, (x0, y0, x1, y1) in enumerate(BOXES):
        inside = ((c * 4 + 2 - (x0 + x1) / 2) / (x1 - x0)) ** 2 + ((r * 4 + 2 - (y0 + y1) / 2) / (y1 - y0)) ** 2 < 0.2
        colors[inside] += [50 - 30 * i, -20, 10 * i]
    return colors


def lab(rgb):
    """CIE L*a*b* of sRGB from 0 to 255 (D65, 2 degrees), in float64."""
    rgb = rgb / 255
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]).T
    xyz /= [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def neighbors(x):
    """N x C x H x W -> N x C x 8 x H x W: the 3 x 3 around each pixel at a distance of 2, without its middle; zeros beyond the image."""
    n, c, h, w = x.shape
    return F.unfold(x, 3, dilation=2, padding=2).reshape(n, c, 9, h, w)[:, :, [0, 1, 2, 3, 5, 6, 7, 8]]


def similarity(colors):
    """exp(-|difference in LAB| / 2) with each neighbor, [8, H/4, W/4]; 0 for those in the bottom rows of the image."""
    image = torch.from_numpy(lab(colors)).permute(2, 0, 1)[None]
    alike = torch.exp(-(image[:, :, None] - neighbors(image)).norm(dim=1) / 2)[0]
    counts = torch.zeros(1, 1, *colors.shape[:2], dtype=torch.float64)
    counts[:, :, torch.arange(2, HEIGHT, 4) < HEIGHT - BOTTOM_ROWS] = 1
    return alike * neighbors(counts)[0, 0]


def locations(level):
    """Centers x, y of a level's locations, row by row."""
    stride = STRIDES[level]
    rows, columns = [-(-side // stride) for side in (HEIGHT, WIDTH)]
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing='ij')
    return torch.stack([x.flatten(), y.flatten()], 1).double() * stride + stride // 2


def targets():
    """Of every location: the object (-1: none) and distances to its edges in strides; and its level."""
    boxes, objects, regression, levels = torch.tensor(BOXES).double(), [], [], []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    center = (boxes[:, :2] + boxes[:, 2:]) / 2
    for level, (low, high) in enumerate(RANGES):
        at, reach = locations(level)[:, None], 1.5 * STRIDES[level]
        sides = torch.cat([at - boxes[:, :2], boxes[:, 2:] - at], 2)
        near = torch.cat([torch.maximum(center - reach, boxes[:, :2]), torch.minimum(center + reach, boxes[:, 2:])], 1)
        inside = torch.cat([at - near[:, :2], near[:, 2:] - at], 2).min(2).values > 0
        largest = sides.max(2).values
        cost = torch.where(inside & (largest >= low) & (largest <= high), areas, torch.tensor(float('inf')).double())
        least, which = cost.min(1)
        objects.append(torch.where(least < float('inf'), which, torch.tensor(-1)))
        regression.append(sides[torch.arange(len(sides)), which] / STRIDES[level])
        levels.append(torch.full((len(sides),), level))
    return torch.cat(objects), torch.cat(regression), torch.cat(levels)


def fcos_losses(outputs, objects, regression):
    positive = objects >= 0
    number = max(int(positive.sum()), 1)
    logits = outputs['logits'][0]
    truth = torch.zeros_like(logits)
    truth[positive.nonzero()[:, 0], torch.tensor(CLASSES)[objects[positive]]] = 1
    p = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction='none')
    missed = p * (1 - truth) + (1 - p) * truth
    classification = ((0.25 * truth + 0.75 * (1 - truth)) * missed ** 2 * entropy).sum() / number
    given, wanted = outputs['regression'][0][positive], regression[positive].to(logits.dtype)

    def area(sides):
        return (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])

    shared, around = area(torch.minimum(given, wanted)), area(torch.maximum(given, wanted))
    union = area(given) + area(wanted) - shared
    giou = (shared + 1) / (union + 1) - (around - union) / around
    x, y = wanted[:, [0, 2]], wanted[:, [1, 3]]
    central = torch.sqrt(x.min(1).values / x.max(1).values * y.min(1).values / y.max(1).values)
    location = ((1 - giou) * central).sum() / central.sum()
    centerness = F.binary_cross_entropy_with_logits(outputs['centerness'][0][positive], central, reduction='sum') / number
    return {'classification': classification, 'location': location, 'centerness': centerness}


def mask_logits(outputs, objects, levels, d):
    """[K, H/4, W/4] of the locations that have an object."""
    chosen = (objects >= 0).nonzero()[:, 0]
    features = outputs['maskFeatures']
    height, width = features.shape[2:]
    grid = locations(0).to(features.dtype)
    centers = torch.cat([locations(level) for level in range(5)]).to(features.dtype)[chosen]
    sizes = torch.tensor(SIZES).to(features.dtype)[levels[chosen]]
    relative = (centers[:, None] - grid) / sizes[:, None, None]
    h = torch.cat([relative.transpose(1, 2), features.flatten(2).expand(len(chosen), -1, -1)], 1)
    widths = [d.mask_features + 2, 8, 8, 1]
    parts = [a * b for a, b in zip(widths, widths[1:])] + widths[1:]
    numbers = outputs['controllers'][0][chosen].split(parts, 1)
    for i in range(3):
        h = numbers[i].reshape(len(chosen), widths[i + 1], widths[i]) @ h + numbers[3 + i][:, :, None]
        h = h.relu() if i < 2 else h
    return aligned_bilinear(h.reshape(len(chosen), 1, height, width), 2)[:, 0], objects[chosen]


def mask_losses(logits, which, alike):
    masks = torch.zeros(len(BOXES), HEIGHT, WIDTH, dtype=logits.dtype)
    for mask, (x0, y0, x1, y1) in zip(masks, BOXES):
        mask[y0:y1 + 1, x0:x1 + 1] = 1
    masks = masks[which, 2::4, 2::4]
    scores = logits.sigmoid()

    def dice(axis):
        x, y = scores.max(axis).values, masks.max(axis).values
        return 1 - 2 * (x * y).sum(1) / ((x ** 2).sum(1) + (y ** 2).sum(1) + 1e-5)

    inside, outside = F.logsigmoid(logits)[:, None], F.logsigmoid(-logits)[:, None]
    both = torch.stack([inside[:, :, None] + neighbors(inside), outside[:, :, None] + neighbors(outside)])
    same = -both.logsumexp(0)[:, 0]
    weights = (alike >= 0.3).to(logits.dtype) * masks[:, None]
    return {'projection': (dice(1) + dice(2)).mean(), 'pairwise': (same * weights).sum() / weights.sum().clamp(min=1)}


def detector_full():
    d, shapes, colors = WHOLE, shapes_of(WHOLE), squares()
    alike = similarity(colors)
    objects, regression, levels = targets()

    def losses(dtype):
        x = torch.from_numpy(colors / 255).permute(2, 0, 1).repeat_interleave(4, 1).repeat_interleave(4, 2)
        x = (x - torch.tensor(MEAN).double()[:, None, None]) / torch.tensor(STD).double()[:, None, None]
        p = {name: t.detach() for name, t in parameters(shapes, dtype).items()}
        outputs = detector(p, buffers_of(shapes, dtype), x[None].float().to(dtype), d)
        found = fcos_losses(outputs, objects, regression)
        return found | mask_losses(*mask_logits(outputs, objects, levels, d), alike)

    with torch.no_grad():
        a, b = losses(torch.float64), losses(torch.float32)
    trained = {n: s for n, s in shapes.items() if not n.startswith(FROZEN) and not (n.startswith(BOTTOM_UP) and len(s) == 1)}
    return {'config': d._asdict(), 'parameterCount': count(trained), 'height': HEIGHT, 'width': WIDTH, 'boxes': BOXES, 'classes': CLASSES, 'bottomRows': BOTTOM_ROWS,
            'instances': int((objects >= 0).sum()), 'levels': sorted(set(levels[objects >= 0].tolist())),
            'similarPairs': int((alike >= 0.3).sum()), 'threshold': rounded((alike - 0.3).abs().min(), 3),
            'losses': {name: rounded(value) for name, value in a.items()}, 'f32': {name: relative_error(value, b[name]) for name, value in a.items()}}
