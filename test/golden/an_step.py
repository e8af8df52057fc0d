"""One whole AN step on a tiny network: features, UNet, U, gated network, loss, gradients, Adam.
It is the step at t >= 2 under `replace`: the previous gates are constants, and so are the weights."""
import torch
import torch.nn.functional as F

from formula import formula_parameter, formula_uniform, full, rounded, summaries, to_torch
from networks import parameters, relu, unet, unet_shapes

NN_SHAPES = {'conv1.weight': (6, 3, 3, 3), 'conv2.weight': (10, 6, 3, 3), 'fc.weight': (4, 10), 'fc.bias': (4,)}
LAYERS = ['conv1', 'conv2', 'fc']
X_SHAPE, LABELS, LAMBDA, E_PREV, LR = (5, 3, 8, 8), [2, 0, 3, 1, 2], 0.1, 0.31, 1e-3


def gated(weight, gate):
    return weight * (gate[:, :, None, None] if weight.dim() == 4 else gate)


def run(trial, dtype):
    nn = {name: to_torch(formula_parameter(name, shape), dtype) for name, shape in NN_SHAPES.items()}
    prev = {l: to_torch(formula_uniform(f'prev.{trial}.{l}', NN_SHAPES[l + '.weight'][:2], 0.35, 0.55), dtype) for l in LAYERS}
    x = to_torch(formula_uniform(f'input.{trial}', X_SHAPE), dtype)
    an = parameters(unet_shapes(), dtype)
    an |= {'u.weight': torch.ones(1, dtype=dtype, requires_grad=True), 'u.bias': torch.zeros(1, dtype=dtype, requires_grad=True)}

    def standardized(m, eps):
        centered = m - m.mean()
        return centered / torch.sqrt((centered**2).mean() + eps)

    features, an_logits, gates = {}, {}, {}
    for l in LAYERS:
        w = gated(nn[l + '.weight'], prev[l])
        features[l] = standardized(w.amax((2, 3)) if w.dim() == 4 else w, 1e-12)
        an_logits[l] = unet(an, features[l][None, None])[0, 0]
        gates[l] = torch.sigmoid(standardized(an_logits[l], 1e-5) * an['u.weight'] + an['u.bias'])
        if gates[l].requires_grad:
            gates[l].retain_grad()

    h = relu(F.conv2d(x, gated(nn['conv1.weight'], gates['conv1']), padding=1))
    h = relu(F.conv2d(h, gated(nn['conv2.weight'], gates['conv2']), padding=1)).mean((2, 3))
    logits = F.linear(h, gated(nn['fc.weight'], gates['fc']), nn['fc.bias'])
    task = F.cross_entropy(logits, torch.tensor(LABELS))
    size = sum(gates[l].numel() for l in LAYERS)
    e = torch.sqrt(sum(((gates[l] - prev[l]) ** 2).sum() for l in LAYERS) / size)
    loss = task + LAMBDA * (e - E_PREV).abs()
    return {'an': an, 'features': features, 'anLogits': an_logits, 'gates': gates, 'logits': logits, 'task': task, 'e': e, 'loss': loss}


def step(trial, dtype):
    r = run(trial, dtype)
    adam = torch.optim.Adam(r['an'].values(), lr=LR, betas=(0.9, 0.999), eps=1e-8)
    r['loss'].backward()
    r['gradients'] = {name: p.grad.clone() for name, p in r['an'].items()}
    adam.step()
    return r


def an_step(best_trial):
    trial, margin = best_trial(lambda k: run(k, torch.float64))
    a, b = step(trial, torch.float64), step(trial, torch.float32)
    assert abs(a['e'].item() - E_PREV) > 1e-3, 'e too near its kink'
    maps = lambda key: {l: full(a[key][l], b[key][l]) for l in LAYERS}
    return {
        'trial': trial, 'margin': margin, 'input': {'name': f'input.{trial}', 'shape': X_SHAPE}, 'labels': LABELS,
        'nn': NN_SHAPES,
        'previousGates': {l: {'name': f'prev.{trial}.{l}', 'shape': NN_SHAPES[l + '.weight'][:2], 'scale': 0.35, 'offset': 0.55} for l in LAYERS},
        'lambda': LAMBDA, 'ePrevious': E_PREV, 'adam': {'lr': LR, 'beta1': 0.9, 'beta2': 0.999, 'eps': 1e-8},
        'features': maps('features'), 'anLogits': maps('anLogits'), 'gates': maps('gates'),
        'logits': full(a['logits'], b['logits']), 'crossEntropy': rounded(a['task'].item()), 'e': rounded(a['e'].item()),
        'loss': rounded(a['loss'].item()),
        'gateGradients': {l: full(a['gates'][l].grad, b['gates'][l].grad) for l in LAYERS},
        'gradients': summaries(a['gradients'], b['gradients']),
        'parametersAfter': summaries(a['an'], b['an']),
    }
