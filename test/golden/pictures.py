"""Pillow's and torchvision's ways with pictures: decoding, resizing, boxes of random crops, the ops of RandAugment. torchvision's and timm's formulas are written out, so that only Pillow is needed."""
import base64
import io
import math

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from formula import fnv1a, hash32

KERNELS = {'nearest': Image.NEAREST, 'bilinear': Image.BILINEAR, 'bicubic': Image.BICUBIC}


def text(data):
    return base64.b64encode(bytes(data)).decode()


def picture(name, width, height, channels=3):
    """Slopes with jumps where they pass 255, and noise."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing='ij')
    noise = hash32(fnv1a(name), np.arange(height * width * channels, dtype=np.uint32)).reshape(x.shape) >> np.uint32(27)
    return ((x * (5 + c) + y * (7 - 2 * c) + noise) % 256).astype(np.uint8)


def uniforms(name, count):
    return (hash32(fnv1a(name), np.arange(count, dtype=np.uint32)).astype(np.float64) / 2.0**32).tolist()


def crop(width, height, scale, ratio, draws):
    """torchvision.transforms.RandomResizedCrop.get_params in float64, its random numbers taken from the list in the order area, ratio, row, column."""
    low, high = math.log(ratio[0]), math.log(ratio[1])
    for k in range(10):
        u = draws[4 * k:4 * k + 4]
        area = width * height * (scale[0] + (scale[1] - scale[0]) * u[0])
        aspect = math.exp(low + (high - low) * u[1])
        w, h = int(round(math.sqrt(area * aspect))), int(round(math.sqrt(area / aspect)))
        if 0 < w <= width and 0 < h <= height:
            return [math.floor(u[3] * (width - w + 1)), math.floor(u[2] * (height - h + 1)), w, h]
    w, h = width, height
    if width / height < min(ratio):
        h = int(round(w / min(ratio)))
    elif width / height > max(ratio):
        w = int(round(h * max(ratio)))
    return [(width - w) // 2, (height - h) // 2, w, h]


def crops():
    shapes = [(500, 375), (375, 500), (64, 64), (1000, 37), (31, 900), (3, 2), (1, 1)]
    ranges = [([0.08, 1.0], [3 / 4, 4 / 3]), ([0.9, 1.0], [3 / 4, 4 / 3]), ([0.5, 1.0], [1.0, 1.0])]
    return [{'draws': f'crop{i}', 'size': [w, h], 'scale': scale, 'ratio': ratio, 'box': crop(w, h, scale, ratio, uniforms(f'crop{i}', 40))}
            for i, (w, h, (scale, ratio)) in enumerate((*s, r) for s in shapes for r in ranges)]


def erase(size, area, ratio, draws):
    """timm.data.random_erasing.RandomErasing._erase for a square image and one box."""
    low, high = math.log(ratio), math.log(1 / ratio)
    for k in range(10):
        u = draws[4 * k:4 * k + 4]
        target = (area[0] + (area[1] - area[0]) * u[0]) * size * size
        aspect = math.exp(low + (high - low) * u[1])
        h, w = int(round(math.sqrt(target * aspect))), int(round(math.sqrt(target / aspect)))
        if w < size and h < size:
            return [math.floor(u[3] * (size - w + 1)), math.floor(u[2] * (size - h + 1)), w, h]
    return None


def erased():
    cases = [(224, [0.02, 1 / 3], 0.3), (32, [0.02, 1 / 3], 0.3), (7, [0.5, 0.9], 0.3), (9, [0.9, 1.0], 0.1)]
    return [{'draws': f'erase{i}', 'size': size, 'area': area, 'ratio': ratio, 'box': erase(size, area, ratio, uniforms(f'erase{i}', 40))}
            for i, (size, area, ratio) in enumerate(c for c in cases for _ in range(3))]


def cut(size, share, row, column):
    """timm.data.mixup.rand_bbox without a margin, as a box and the share that cutmix_bbox_and_lam corrects."""
    ratio = np.sqrt(1 - share)
    half = int(size * ratio) // 2
    yl, yh, xl, xh = (int(np.clip(v, 0, size)) for v in (row - half, row + half, column - half, column + half))
    return {'size': size, 'share': share, 'row': row, 'column': column, 'box': [xl, yl, xh - xl, yh - yl], 'labels': 1 - (yh - yl) * (xh - xl) / (size * size)}


def cuts():
    return [cut(*case) for case in [(224, 0.5, 100, 20), (224, 0.99, 0, 223), (33, 0.01, 16, 16), (33, 0.3, 32, 1), (5, 0.999, 2, 2)]]


def resized():
    image = Image.fromarray(picture('resize', 61, 43))
    cases = [((0, 0, 61, 43), (16, 16)), ((7, 5, 40, 31), (24, 17)), ((13, 2, 9, 30), (20, 9)), ((3, 3, 1, 2), (5, 4)), ((0, 0, 61, 43), (3, 2))]
    return [{'box': list(box), 'size': list(size), 'interpolation': kernel,
             'pixels': text(image.crop((box[0], box[1], box[0] + box[2], box[1] + box[3])).resize(size, KERNELS[kernel]).tobytes())}
            for box, size in cases for kernel in ('bilinear', 'bicubic')]


def evaluated():
    """torchvision's Resize(short side) and CenterCrop(size) of Pillow's pictures."""
    cases = []
    for width, height, size, resize, kernel in [(61, 43, 14, 16, 'bicubic'), (40, 67, 15, 17, 'bilinear'), (33, 33, 12, 13, 'bicubic')]:
        image = Image.fromarray(picture('evaluation', width, height))
        short = min(width, height)
        w, h = (resize, int(resize * height / width)) if width == short else (int(resize * width / height), resize)
        left, top = int(round((w - size) / 2.0)), int(round((h - size) / 2.0))
        pixels = image.resize((w, h), KERNELS[kernel]).crop((left, top, left + size, top + size)).tobytes()
        cases.append({'picture': [width, height], 'size': size, 'resize': resize, 'interpolation': kernel, 'pixels': text(pixels)})
    return cases


def solarize_add(image, amount):
    return image.point([min(255, i + amount) if i < 128 else i for i in range(256)] * 3)


def both(level, side, move):
    return {
        'shearX': lambda im: move(im, (1, 0.3 * level * side, 0, 0, 1, 0)),
        'shearY': lambda im: move(im, (1, 0, 0, 0.3 * level * side, 1, 0)),
        'brightness': lambda im: ImageEnhance.Brightness(im).enhance(1 + 0.9 * level * side),
        'color': lambda im: ImageEnhance.Color(im).enhance(1 + 0.9 * level * side),
        'contrast': lambda im: ImageEnhance.Contrast(im).enhance(1 + 0.9 * level * side),
        'sharpness': lambda im: ImageEnhance.Sharpness(im).enhance(1 + 0.9 * level * side),
        'autoContrast': ImageOps.autocontrast,
        'equalize': ImageOps.equalize,
    }


def torchvision_ops(magnitude, side, size):
    """torchvision.transforms.RandAugment with 31 bins."""
    level, fill = magnitude / 30, (0, 0, 0)
    move = lambda im, matrix: im.transform(im.size, Image.AFFINE, matrix, Image.NEAREST, fillcolor=fill)
    return {
        'identity': lambda im: im,
        **both(level, side, move),
        'translateX': lambda im: move(im, (1, 0, -int(150 / 331 * size[0] * level * side), 0, 1, 0)),
        'translateY': lambda im: move(im, (1, 0, 0, 0, 1, -int(150 / 331 * size[1] * level * side))),
        'rotate': lambda im: im.rotate(30 * level * side, Image.NEAREST, fillcolor=fill),
        'posterize': lambda im: ImageOps.posterize(im, 8 - int(round(magnitude / 7.5))),
        'solarize': lambda im: ImageOps.solarize(im, 255 * (1 - level)),
    }


def timm_ops(magnitude, side, size):
    """timm's "rand-...-inc1", with bicubic interpolation."""
    level, fill = magnitude / 10, (124, 116, 104)
    move = lambda im, matrix: im.transform(im.size, Image.AFFINE, matrix, Image.BICUBIC, fillcolor=fill)
    return {
        **both(level, side, move),
        'translateX': lambda im: move(im, (1, 0, 0.45 * size[0] * level * side, 0, 1, 0)),
        'translateY': lambda im: move(im, (1, 0, 0, 0, 1, 0.45 * size[1] * level * side)),
        'rotate': lambda im: im.rotate(30 * level * side, Image.BICUBIC, fillcolor=fill),
        'invert': ImageOps.invert,
        'posterize': lambda im: ImageOps.posterize(im, 4 - int(level * 4)),
        'solarize': lambda im: ImageOps.solarize(im, 256 - min(256, int(level * 256))),
        'solarizeAdd': lambda im: solarize_add(im, min(128, int(level * 110))),
    }


def augmented():
    size = (17, 13)
    image = Image.fromarray(picture('augment', *size))
    cases = []
    for space, make, magnitudes in [('torchvision', torchvision_ops, [(9, 1), (14, -1)]), ('timm', timm_ops, [(9, -1), (6.3, 1)])]:
        for magnitude, side in magnitudes:
            for name, op in make(magnitude, side, size).items():
                cases.append({'space': space, 'op': name, 'magnitude': magnitude, 'side': side, 'pixels': text(op(image).tobytes())})
    image = image.rotate(17, Image.BILINEAR, fillcolor=(124, 116, 104))
    cases.append({'space': 'timm', 'op': 'rotate', 'magnitude': 17 / 3, 'side': 1, 'sampling': 'bilinear', 'pixels': text(image.tobytes())})
    return cases


def encoded():
    """Files of every mode, and what open() and convert('RGB') make of them."""
    smooth = Image.fromarray(picture('file', 20, 14, 4), 'RGBA').filter(ImageFilter.GaussianBlur(2))
    rgb, files = smooth.convert('RGB'), []

    def add(name, image, kind, **options):
        out = io.BytesIO()
        image.save(out, kind, **options)
        out.seek(0)
        files.append({'name': name, 'bytes': text(out.getvalue()), 'rgb': text(Image.open(out).convert('RGB').tobytes()), 'size': list(image.size)})

    add('420.jpg', rgb, 'JPEG', quality=80)
    add('progressive-444.jpg', rgb, 'JPEG', quality=90, progressive=True, subsampling=0)
    add('gray.jpg', rgb.convert('L'), 'JPEG', quality=85)
    add('cmyk.jpg', Image.fromarray(np.array(smooth), 'CMYK'), 'JPEG', quality=85)
    add('cmyk.tif', Image.fromarray(np.array(smooth), 'CMYK'), 'TIFF', compression='tiff_lzw')
    add('rgb.png', rgb, 'PNG')
    add('alpha.png', smooth, 'PNG')
    add('gray-alpha.png', smooth.convert('LA'), 'PNG')
    add('palette.png', rgb.quantize(16), 'PNG')
    add('palette-transparent.png', rgb.quantize(16), 'PNG', transparency=3)
    add('bits.png', rgb.convert('1'), 'PNG')
    return files


def pictures():
    return {'crops': crops(), 'erased': erased(), 'cuts': cuts(), 'resized': resized(), 'evaluated': evaluated(), 'augmented': augmented(), 'encoded': encoded()}
