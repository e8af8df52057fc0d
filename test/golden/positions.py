"""Places of a vision transformer for images of another size, as timm's resample_abs_pos_embed makes them: those of the patches through
torch.nn.functional.interpolate (bicubic, antialias=True), the class token's as it is."""
import torch
import torch.nn.functional as F

from formula import formula_uniform, rounded, to_torch

CASES = [(7, 9, 3), (9, 7, 2), (14, 5, 2), (3, 8, 2), (1, 4, 2), (4, 1, 2)]


def resized(side, wanted, channels):
    places = to_torch(formula_uniform(f'places.{side}.{wanted}', (1, 1 + side * side, channels)), torch.float64)
    grid = places[:, 1:].reshape(1, side, side, channels).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(wanted, wanted), mode='bicubic', antialias=True).permute(0, 2, 3, 1)
    return torch.cat([places[:, :1], grid.reshape(1, wanted * wanted, channels)], 1)


def positions():
    return [{'side': side, 'wanted': wanted, 'channels': channels, 'values': [rounded(v, 9) for v in resized(side, wanted, channels).flatten().tolist()]}
            for side, wanted, channels in CASES]
