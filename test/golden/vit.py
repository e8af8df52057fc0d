"""Vision transformers by timm's names, made of torch's own functions (nn.MultiheadAttention's among them): whole passes, and ten steps of AdamW."""
from collections import namedtuple

import torch
import torch.nn.functional as F

from formula import formula_uniform, full, rounded, summaries, summary, to_torch
from networks import count, parameters

SMOOTHING = 0.1
EPS = 1e-6

# Sides of images and patches, channels of tokens, blocks, heads, classes, and a label for each image. `keep`: whether gradients are stored.
Vit = namedtuple('Vit', 'side patch width blocks heads classes labels keep', defaults=(True,))

VITS = {
    # 17 tokens, and heads of 8.
    'patch 4': Vit(16, 4, 24, 2, 3, 5, [3, 1, 0]),
    # 10 tokens and heads of 5.
    'narrow heads': Vit(12, 4, 15, 1, 3, 4, [2, 0]),
    # 5 tokens.
    'patch 16': Vit(32, 16, 20, 2, 2, 7, [6, 2, 5]),
    # As vit-t-16 and vit-b-16 at 224, 197 tokens, with fewer blocks.
    'tiny at 224': Vit(224, 16, 192, 1, 3, 10, [4]),
    'base at 224': Vit(224, 16, 768, 1, 12, 10, [4], False),
}
# The whole networks, forward: see vit-full.json.
FULL = {'vit-t-16': Vit(224, 16, 192, 12, 3, 1000, [4], False), 'vit-b-16': Vit(224, 16, 768, 12, 12, 1000, [4], False)}


def shapes_of(v):
    d, tokens = v.width, 1 + (v.side // v.patch) ** 2
    shapes = {'patch_embed.proj.weight': (d, 3, v.patch, v.patch), 'patch_embed.proj.bias': (d,), 'cls_token': (1, 1, d),
              'pos_embed': (1, tokens, d)}

    def layer(name, *shape):
        shapes[name + '.weight'], shapes[name + '.bias'] = shape, shape[:1]

    for i in range(v.blocks):
        b = f'blocks.{i}.'
        layer(b + 'norm1', d)
        layer(b + 'attn.qkv', 3 * d, d)
        layer(b + 'attn.proj', d, d)
        layer(b + 'norm2', d)
        layer(b + 'mlp.fc1', 4 * d, d)
        layer(b + 'mlp.fc2', d, 4 * d)
    layer('norm', d)
    layer('head', v.classes, d)
    return shapes


def vit(p, x, v):
    """N x 3 x H x W -> logits."""
    def layer(name, of, *args):
        return of(*args, p[name + '.weight'], p[name + '.bias'])

    def norm(name, h):
        return F.layer_norm(h, (v.width,), p[name + '.weight'], p[name + '.bias'], EPS)

    def attention(name, h):
        h = h.transpose(0, 1)  # tokens first
        y, _ = F.multi_head_attention_forward(
            h, h, h, v.width, v.heads, p[name + '.qkv.weight'], p[name + '.qkv.bias'], None, None, False, 0.0,
            p[name + '.proj.weight'], p[name + '.proj.bias'], training=True, need_weights=False)
        return y.transpose(0, 1)

    h = F.conv2d(x, p['patch_embed.proj.weight'], p['patch_embed.proj.bias'], stride=v.patch).flatten(2).transpose(1, 2)
    h = torch.cat([p['cls_token'].expand(len(x), -1, -1), h], 1) + p['pos_embed']
    for i in range(v.blocks):
        b = f'blocks.{i}.'
        h = h + attention(b + 'attn', norm(b + 'norm1', h))
        hidden = F.gelu(layer(b + 'mlp.fc1', F.linear, norm(b + 'norm2', h)))
        h = h + layer(b + 'mlp.fc2', F.linear, hidden)
    return layer('head', F.linear, norm('norm', h)[:, 0])


def image(v, dtype):
    return to_torch(formula_uniform('input', (len(v.labels), 3, v.side, v.side)), dtype)


def passed(v, dtype):
    p, x = parameters(shapes_of(v), dtype), image(v, dtype).requires_grad_()
    logits = vit(p, x, v)
    loss = F.cross_entropy(logits, torch.tensor(v.labels), label_smoothing=SMOOTHING)
    if v.keep:
        loss.backward()
    return {'logits': logits.detach(), 'loss': loss.detach(), 'p': {name: t.grad for name, t in p.items()}, 'dx': x.grad}


def case(name, v):
    a, b = passed(v, torch.float64), passed(v, torch.float32)
    golden = {'name': name, 'parameterCount': count(shapes_of(v)), **v._asdict(), 'input': {'name': 'input', 'shape': [len(v.labels), 3, v.side, v.side]},
              'labelSmoothing': SMOOTHING, 'logits': summary('logits', a['logits'], b['logits']), 'loss': rounded(a['loss'].item())}
    if v.keep:
        golden |= {'gradients': summaries(a['p'], b['p'], 4), 'inputGradient': summary('input', a['dx'], b['dx'], 4)}
    return golden


def adamw(v, dtype, lr, decay, steps):
    """`steps` on one batch, weight decay on matrices and kernels only, as timm's; losses before each step, and the parameters after the last."""
    p, x = parameters(shapes_of(v), dtype), image(v, dtype)
    matrix = [t for t in p.values() if t.dim() in (2, 4)]
    others = [t for t in p.values() if t.dim() not in (2, 4)]
    optimizer = torch.optim.AdamW([{'params': matrix}, {'params': others, 'weight_decay': 0}], lr, weight_decay=decay)
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(vit(p, x, v), torch.tensor(v.labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {'losses': torch.stack(losses), 'p': p}


def vits():
    v, options = VITS['patch 4'], {'lr': 0.002, 'decay': 0.05, 'steps': 10}
    a, b = adamw(v, torch.float64, **options), adamw(v, torch.float32, **options)
    # What all keys have in common changes no weight of a value: their bias has no gradient but rounding, which Adam makes steps of.
    a['p'], b['p'] = [{name: t for name, t in run['p'].items() if not name.endswith('qkv.bias')} for run in (a, b)]
    return {'cases': [case(name, v) for name, v in VITS.items()],
            'adamw': {'of': 'patch 4', **options, 'losses': full(a['losses'], b['losses']), 'parameters': summaries(a['p'], b['p'], 4)}}


def vit_full():
    return {'cases': [case(name, v) for name, v in FULL.items()]}
