"""Deterministic tensors from a name, bit for bit the same as formula.ts, so that no weights need storing; and the summaries
that stand for big tensors."""
import numpy as np
import torch


def fnv1a(name):
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def hash32(seed, index):
    """32-bit integer hash of (seed, index); index is a uint32 array."""
    h = np.uint32(seed) ^ (index * np.uint32(0x9E3779B1))
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
    return h ^ (h >> np.uint32(16))


def formula_uniform(name, shape, scale=1.0, offset=0.0):
    """float32(offset + scale * u), u uniform in [-1, 1) on a 24-bit grid; index over the flattened shape."""
    size = int(np.prod(shape))
    bits = hash32(fnv1a(name), np.arange(size, dtype=np.uint32)) >> np.uint32(8)
    unit = bits.astype(np.float64) / 2.0**23 - 1.0
    return (offset + scale * unit).astype(np.float32).reshape(shape)


def formula_parameter(name, shape):
    """Vectors: `*.weight` (a normalization's) 1 + 0.1u, others 0.1u. Matrices and kernels: 0.8 sqrt(6 / prod(shape[1:])) u."""
    if len(shape) == 1:
        return formula_uniform(name, shape, 0.1, 1.0 if name.endswith('.weight') else 0.0)
    return formula_uniform(name, shape, 0.8 * np.sqrt(6.0 / np.prod(shape[1:])))


def sample_indices(name, size):
    """The 16 places of a tensor (all of them if it has no more than 16) that its summary quotes."""
    if size <= 16:
        return np.arange(size)
    return hash32(fnv1a(name + '#samples'), np.arange(16, dtype=np.uint32)).astype(np.int64) % size


def to_torch(array, dtype):
    return torch.from_numpy(np.ascontiguousarray(array)).to(dtype)


def rounded(x, digits=9):
    return float(f'{float(x):.{digits}g}')


def zero_if_rounding(exact):
    """Gradients that are zero in exact arithmetic (a bias before a normalization) come out near 1e-15: store them as 0."""
    exact = exact.detach()
    return torch.zeros_like(exact) if exact.norm() < 1e-13 else exact


def relative_error(exact, single):
    """Relative l2 error; absolute where the exact tensor is zero."""
    exact, single = zero_if_rounding(exact), single.detach().double()
    norm = exact.norm().item()
    return rounded((exact - single).norm().item() / norm if norm else single.norm().item(), 2)


def full(exact, single):
    """A tensor in full; f32 = relative l2 error of torch's own float32 run."""
    values = [rounded(v) for v in exact.detach().flatten().tolist()]
    return {'shape': list(exact.shape), 'values': values, 'f32': relative_error(exact, single)}


def summary(name, exact, single, samples=16):
    """A big tensor: norm, sum, largest magnitude, dot product with formula_uniform(name + '#probe'), some samples."""
    flat = zero_if_rounding(exact).flatten().numpy()
    probe = formula_uniform(name + '#probe', flat.shape).astype(np.float64)
    return {
        'shape': list(exact.shape),
        'l2': rounded(np.sqrt(np.sum(flat * flat))),
        'sum': rounded(flat.sum()),
        'max': rounded(np.abs(flat).max()),
        'dot': rounded(np.dot(flat, probe)),
        'samples': [rounded(v) for v in flat[sample_indices(name, flat.size)[:samples]]],
        'f32': relative_error(exact, single),
    }


def summaries(exact, single, samples=16):
    return {name: summary(name, exact[name], single[name], samples) for name in exact}
