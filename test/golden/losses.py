"""Losses, forward and backward. Inputs are scale · formula_uniform(`<case>.<input>`), the output's gradient is formula_uniform(`<case>.dy`), or 1 for a scalar.
Targets are made of formula_uniform(`<case>.target`) = u by `kind`: numbers u; shares (1 + u) / 2; logarithms logsoftmax u; probabilities softmax u, the first 0;
signs; labels ⌊(1 + u) / 2 · C⌋, of which every third is `ignored` where that is given."""
import torch
import torch.nn.functional as F

from formula import formula_uniform, full, to_torch


def focal(x, t, alpha=0.25, gamma=2.0, reduction='mean'):
    """torchvision.ops.sigmoid_focal_loss"""
    p = torch.sigmoid(x)
    ce = F.binary_cross_entropy_with_logits(x, t, reduction='none')
    p_t = p * t + (1 - p) * (1 - t)
    loss = ce * (1 - p_t) ** gamma
    if alpha >= 0:
        loss = (alpha * t + (1 - alpha) * (1 - t)) * loss
    return {'mean': loss.mean, 'sum': loss.sum, 'none': lambda: loss}[reduction]()


def cross_entropy(x, t, **o):
    move = lambda v: v.movedim(-1, 1) if v.dim() > 1 else v  # torch has classes at axis 1, here they are last
    return F.cross_entropy(move(x), move(t) if t.is_floating_point() else t, **o)


def kl(x, t, **o):
    return F.kl_div(x, t, **o)


def embedding(a, b, t, **o):
    return F.cosine_embedding_loss(a, b, t, **o)


def similarity(a, b, axis, eps):
    return F.cosine_similarity(a, b, dim=axis, eps=eps)


NAMES = {'labelSmoothing': 'label_smoothing', 'ignoreIndex': 'ignore_index', 'posWeight': 'pos_weight', 'logTarget': 'log_target'}
OPS = {'mse': F.mse_loss, 'l1': F.l1_loss, 'smoothL1': F.smooth_l1_loss, 'huber': F.huber_loss,
       'binaryCrossEntropyWithLogits': F.binary_cross_entropy_with_logits, 'klDivergence': kl, 'sigmoidFocalLoss': focal,
       'crossEntropy': cross_entropy, 'cosineSimilarity': similarity, 'cosineEmbeddingLoss': embedding}
# Name, op, inputs, their scale, kind of target, options; weights are formula_uniform(`<case>.weight`) + 1.5.
CASES = [
    ('mse-none', 'mse', {'a': (3, 5), 'b': (3, 5)}, 2, None, {'reduction': 'none'}),
    ('mse-mean', 'mse', {'a': (3, 5), 'b': (3, 5)}, 2, None, {}),
    ('l1-sum', 'l1', {'a': (3, 5), 'b': (3, 5)}, 2, None, {'reduction': 'sum'}),
    ('smoothL1-mean', 'smoothL1', {'a': (3, 5), 'b': (3, 5)}, 2, None, {'beta': 0.7}),
    ('smoothL1-zero', 'smoothL1', {'a': (3, 5), 'b': (3, 5)}, 2, None, {'beta': 0.0, 'reduction': 'none'}),
    ('huber-none', 'huber', {'a': (3, 5), 'b': (3, 5)}, 2, None, {'delta': 1.3, 'reduction': 'none'}),
    ('bce-mean', 'binaryCrossEntropyWithLogits', {'x': (4, 5)}, 8, 'shares', {}),
    ('bce-weighted', 'binaryCrossEntropyWithLogits', {'x': (4, 5)}, 8, 'shares', {'posWeight': (5,), 'weight': (4, 1), 'reduction': 'none'}),
    ('focal-mean', 'sigmoidFocalLoss', {'x': (4, 5)}, 6, 'shares', {}),
    ('focal-none', 'sigmoidFocalLoss', {'x': (4, 5)}, 6, 'bits', {'alpha': -1.0, 'gamma': 0.5, 'reduction': 'none'}),
    ('focal-zero', 'sigmoidFocalLoss', {'x': (4, 5)}, 6, 'bits', {'alpha': 0.7, 'gamma': 0.0, 'reduction': 'sum'}),
    ('kl-batchMean', 'klDivergence', {'x': (4, 5)}, 3, 'probabilities', {'reduction': 'batchMean'}),
    ('kl-mean', 'klDivergence', {'x': (4, 5)}, 3, 'logarithms', {'logTarget': True, 'reduction': 'mean'}),
    ('kl-none', 'klDivergence', {'x': (2, 2, 5)}, 3, 'probabilities', {'reduction': 'none'}),
    ('crossEntropy-weighted', 'crossEntropy', {'x': (7, 5)}, 6, 'labels', {'weight': (5,)}),
    ('crossEntropy-all', 'crossEntropy', {'x': (2, 3, 4, 6)}, 6, 'labels', {'weight': (6,), 'ignoreIndex': 4, 'labelSmoothing': 0.1}),
    ('crossEntropy-ignored', 'crossEntropy', {'x': (2, 9, 5)}, 6, 'labels', {'ignoreIndex': 255, 'ignored': 255}),
    ('crossEntropy-none', 'crossEntropy', {'x': (2, 9, 5)}, 6, 'labels', {'ignoreIndex': 255, 'ignored': 255, 'weight': (5,), 'reduction': 'none'}),
    ('crossEntropy-sum', 'crossEntropy', {'x': (7, 70)}, 6, 'labels', {'reduction': 'sum', 'labelSmoothing': 0.2}),
    ('crossEntropy-soft', 'crossEntropy', {'x': (7, 5)}, 6, 'probabilities', {}),
    ('crossEntropy-soft-all', 'crossEntropy', {'x': (2, 3, 5)}, 6, 'probabilities', {'weight': (5,), 'labelSmoothing': 0.1}),
    ('crossEntropy-soft-none', 'crossEntropy', {'x': (3, 70)}, 6, 'probabilities', {'reduction': 'none'}),
    ('cosineSimilarity', 'cosineSimilarity', {'a': (3, 4, 5), 'b': (3, 4, 5)}, 2, None, {'axis': 1, 'eps': 1e-8}),
    ('cosineEmbeddingLoss', 'cosineEmbeddingLoss', {'a': (6, 4), 'b': (6, 4)}, 2, 'signs', {'margin': 0.1}),
]


def target(case, kind, shape, dtype, ignored=None):
    classes, rows = shape[-1], shape[:1] if kind == 'signs' else shape[:-1]
    u = to_torch(formula_uniform(f'{case}.target', rows if kind in ('labels', 'signs') else shape), dtype)
    if kind == 'labels':
        labels = ((1 + u) / 2 * classes).floor().long()
        if ignored is not None:
            labels.view(-1)[::3] = ignored
        return labels
    if kind == 'probabilities':
        p = torch.softmax(u.double(), -1).float()  # the same numbers for both runs
        p[..., 0] = 0
        return p.to(dtype)
    if kind == 'logarithms':
        return torch.log_softmax(u.double(), -1).float().to(dtype)
    return {'shares': lambda: ((1 + u.float()) / 2).to(dtype), 'bits': lambda: (u > 0).to(dtype), 'signs': lambda: torch.sign(u)}[kind]()


def run(case, op, inputs, scale, kind, options, dtype):
    given = {k: (scale * to_torch(formula_uniform(f'{case}.{k}', s), dtype)).requires_grad_() for k, s in inputs.items()}
    o = {k: to_torch(formula_uniform(f'{case}.{k}', v), dtype) + 1.5 if isinstance(v, tuple) else v for k, v in options.items() if k != 'ignored'}
    if o.get('reduction') == 'batchMean':
        o['reduction'] = 'batchmean'
    shape = next(iter(inputs.values()))
    targets = [target(case, kind, shape, dtype, options.get('ignored'))] if kind else []
    y = OPS[op](*given.values(), *targets, **{NAMES.get(k, k): v for k, v in o.items()})
    if op == 'crossEntropy' and y.dim() > 1:
        y = y.reshape(shape[:-1])
    y.backward(to_torch(formula_uniform(f'{case}.dy', tuple(y.shape)), dtype) if y.dim() else None)
    return {'y': y.reshape(-1) if y.dim() == 0 else y, **{f'd{k}': v.grad for k, v in given.items()}}, targets


def losses():
    cases = []
    for case, op, inputs, scale, kind, options in CASES:
        (exact, targets), (single, _) = (run(case, op, inputs, scale, kind, options, d) for d in (torch.float64, torch.float32))
        cases.append({'name': case, 'op': op, 'inputs': inputs, 'scale': scale, 'options': {k: v for k, v in options.items() if k != 'ignored'},
                      **({'target': {'labels': kind == 'labels', 'shape': list(targets[0].shape), 'values': [float('%.9g' % v) for v in targets[0].flatten().tolist()]}} if targets else {}),
                      'outputs': {k: full(exact[k], single[k]) for k in exact}})
    return {'cases': cases}
