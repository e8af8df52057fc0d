"""Five steps of each optimizer on a vector of 37 numbers; the gradient of step k (1..5) is formula_uniform(f'optim.gradient.{k}')."""
import numpy as np
import torch

from formula import formula_uniform, full, to_torch

SIZE, STEPS = 37, 5


def torch_steps(make, dtype):
    w = to_torch(formula_uniform('optim.w', (SIZE,)), dtype).requires_grad_()
    optimizer = make([w])
    for k in range(1, STEPS + 1):
        w.grad = to_torch(formula_uniform(f'optim.gradient.{k}', (SIZE,)), dtype)
        optimizer.step()
    return w


def decoupled_sgd(lr, momentum, decay, nesterov, dtype):
    """w -= lr decay w; v = momentum v + g (v = g at step 1); w -= lr v, or lr (g + momentum v) with nesterov."""
    kind = np.float64 if dtype == torch.float64 else np.float32
    w, v = formula_uniform('optim.w', (SIZE,)).astype(kind), np.zeros(SIZE, kind)
    lr, momentum, decay = kind(lr), kind(momentum), kind(decay)
    for k in range(1, STEPS + 1):
        g = formula_uniform(f'optim.gradient.{k}', (SIZE,)).astype(kind)
        w = w - lr * decay * w
        v = momentum * v + g
        w = w - lr * (g + momentum * v if nesterov else v)
    return torch.from_numpy(w)


def optim():
    sgd, adam = torch.optim.SGD, torch.optim.Adam
    cases = []

    def case(kind, make, **options):
        a, b = make(torch.float64), make(torch.float32)
        cases.append({'kind': kind, **options, 'final': full(a, b)})

    for momentum, nesterov, decay in [(0, False, 0), (0.9, False, 0), (0.9, False, 0.01), (0.9, True, 0.01)]:
        case('sgd', lambda d: torch_steps(lambda p: sgd(p, 0.1, momentum, 0, decay, nesterov), d),
             lr=0.1, momentum=momentum, nesterov=nesterov, weightDecay=decay, decoupled=False)
    for nesterov in (False, True):
        case('sgd', lambda d: decoupled_sgd(0.1, 0.9, 0.05, nesterov, d),
             lr=0.1, momentum=0.9, nesterov=nesterov, weightDecay=0.05, decoupled=True)
    for name, make, decay in [('adam', adam, 0), ('adam', adam, 0.05), ('adamw', torch.optim.AdamW, 0.05)]:
        case(name, lambda d: torch_steps(lambda p: make(p, 0.01, (0.9, 0.999), 1e-8, decay), d),
             lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8, weightDecay=decay, decoupled=name == 'adamw')
    return {'steps': STEPS, 'w': {'name': 'optim.w', 'shape': [SIZE]}, 'gradient': 'optim.gradient.', 'cases': cases}
