"""Times PyTorch on the jobs of bench/peers: a training step, the convolutions in three directions, and a matrix product.

    python3 bench/torch_step.py                                          # the CPU, as many threads as cores
    python3 bench/torch_step.py --channels-last --threads 2              # on a CPU this layout can be several times faster: try both
    python3 bench/torch_step.py --device cuda --amp --channels-last --model resnet18 --batch 512    # an NVIDIA card, as PyTorch is used there
    python3 bench/torch_step.py --device cuda --amp --model vit-b-16 --batch 64 --filter step

Needs torch 1.13 or newer. The matrix product on a CPU is as fast as the BLAS that torch was built with, so that is named ("generic" is none
that is tuned). On a card, convolutions without --amp run in TF32, which is PyTorch's default. Rows carry the names that bench/peers prints,
so that both tables can be laid side by side. The step is the same: the same CIFAR ResNet (by default blocks of 16, 32 and 64 channels), batch norm in
training mode, cross-entropy, SGD with momentum, the batch already on the device. A ViT has the sizes of the registry's, torch's fused attention where
there is one (2.0 and newer), and AdamW.
"""

import argparse
import json
import re
import statistics
import sys
import time
from datetime import datetime, timezone

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 10
SIDE = 32
RATE, MOMENTUM = 0.1, 0.9
# Of AdamW, for a ViT.
VIT_RATE, DECAY = 1e-3, 0.05
KERNEL_BATCH = 8
# Calls before the measuring.
WARM_UP = 10
# Name in the table, channels and blocks of each stage, by the names of astrogpu's registry.
MODELS = {
    "resnet-small": ("ResNet 16-32-64", (16, 32, 64), (1, 1, 1)),
    "resnet18": ("ResNet18", (64, 128, 256, 512), (2, 2, 2, 2)),
    "resnet34": ("ResNet34", (64, 128, 256, 512), (3, 4, 6, 3)),
}
# Of a ViT: name, sides of image and patch, channels, blocks, heads, classes.
VITS = {
    "vit-b-16": ("ViT-B/16", 224, 16, 768, 12, 12, 1000),
    "vit-s-16": ("ViT-S/16", 224, 16, 384, 12, 6, 1000),
    "vit-t-16": ("ViT-T/16", 224, 16, 192, 12, 3, 1000),
    "vit-tiny-cifar": ("ViT of CIFAR", 32, 4, 192, 6, 3, 10),
}
# Channels and sides of the convolutions, as in bench/peers.
SIZES = [(64, 32), (128, 16), (256, 8)]


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut, projected where the shape changes (He et al. 2016)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        inner = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(inner)) + self.downsample(x))


class ResNet(nn.Module):
    """Blocks in stages, after a stem without pooling."""

    def __init__(self, widths, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        inputs = (widths[0],) + tuple(widths[:-1])
        self.layers = nn.Sequential(
            *(
                Block(i if b == 0 else o, o, 2 if s > 0 and b == 0 else 1)
                for s, (i, o, count) in enumerate(zip(inputs, widths, blocks))
                for b in range(count)
            )
        )
        self.fc = nn.Linear(widths[-1], CLASSES)

    def forward(self, x):
        x = self.layers(F.relu(self.bn1(self.conv1(x))))
        return self.fc(x.mean((2, 3)))


def attention(q, k, v):
    """torch's own where it has one, else product by product."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v)
    return (q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(-1) @ v


class VitBlock(nn.Module):
    """Attention and an MLP, each behind its normalization (Dosovitskiy et al. 2021)."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        x = x + self.proj(attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class Vit(nn.Module):
    """Patches and a class token with places, blocks, and a head on the class token."""

    def __init__(self, side, patch, width, blocks, heads, classes):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(torch.randn(1, (side // patch) ** 2 + 1, width) * 0.02)
        self.blocks = nn.Sequential(*(VitBlock(width, heads) for _ in range(blocks)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head(self.norm(self.blocks(x))[:, 0])


def sides_and_classes(model):
    return (VITS[model][1], VITS[model][-1]) if model in VITS else (SIDE, CLASSES)


def network(model):
    return Vit(*VITS[model][1:]) if model in VITS else ResNet(*MODELS[model][1:])


def optimizer_for(model, parameters, place):
    if model not in VITS:
        return torch.optim.SGD(parameters, lr=RATE, momentum=MOMENTUM)
    # One kernel for all parameters, where there is a card and torch is new enough.
    fused = {"fused": True} if place.device.type == "cuda" and hasattr(F, "scaled_dot_product_attention") else {}
    return torch.optim.AdamW(parameters, lr=VIT_RATE, weight_decay=DECAY, **fused)


def training_step(name, batch, place):
    """A function that takes one step."""
    side, classes = sides_and_classes(name)
    model = place.put(network(name)).train()
    images = place.put(torch.randn(batch, 3, side, side))
    labels = (torch.arange(batch) * 7 % classes).to(place.device)
    optimizer = optimizer_for(name, model.parameters(), place)
    scaler = torch.cuda.amp.GradScaler(enabled=place.amp)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with place.autocast():
            loss = F.cross_entropy(model(images), labels)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    return step


def convolution(direction, channels, side, place):
    """A 3x3 convolution, or one of its gradients alone: the mask asks for no other."""
    images = place.put(torch.randn(KERNEL_BATCH, channels, side, side))
    gradient = place.put(torch.randn(KERNEL_BATCH, channels, side, side))
    weight = place.put(torch.randn(channels, channels, 3, 3))
    if place.amp:
        images, gradient, weight = images.half(), gradient.half(), weight.half()
    if direction == "forward":
        return lambda: F.conv2d(images, weight, padding=1)
    mask = [direction == "data gradient", direction == "weight gradient", False]
    geometry = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)  # stride, padding, dilation, transposed, output padding, groups
    backward = torch.ops.aten.convolution_backward
    return lambda: backward(gradient, images, weight, None, *geometry, mask)


def product(size, place):
    left, right = (torch.randn(size, size, device=place.device) for _ in range(2))
    if place.amp:
        left, right = left.half(), right.half()
    return lambda: left @ right


class Place:
    """Where and how: the device, mixed precision, the memory layout."""

    def __init__(self, device, amp, channels_last):
        self.device = torch.device(device)
        self.amp = amp
        self.layout = torch.channels_last if channels_last else torch.contiguous_format

    def put(self, what):
        return what.to(device=self.device, memory_format=self.layout)

    def autocast(self):
        return torch.autocast(self.device.type, enabled=self.amp)

    def finish(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def name(self):
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return f"CPU, {torch.get_num_threads()} threads"


def blas():
    found = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    return found.group(1) if found else "not named"


def measure(run, steps, place):
    """Median milliseconds of one call, after some that warm up (the allocator, cuDNN's choice of algorithms)."""
    times = []
    for i in range(WARM_UP + steps):
        place.finish()
        start = time.perf_counter()
        run()
        place.finish()
        if i >= WARM_UP:
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def jobs(model, batch, place):
    """Names as in bench/peers, and functions that make the job ready."""
    for channels, side in SIZES:
        for direction in ("forward", "data gradient", "weight gradient"):
            name = f"conv2d 3×3 {direction}, {channels}→{channels}, {side}×{side}, batch {KERNEL_BATCH}"
            yield name, lambda d=direction, c=channels, s=side: convolution(d, c, s, place)
    yield "matmul 512³", lambda: product(512, place)
    called = (VITS if model in VITS else MODELS)[model][0]
    side, _ = sides_and_classes(model)
    yield f"training step, {called}, {side}×{side}, batch {batch}", lambda: training_step(model, batch, place)


def at_least_one(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: takes a whole number from 1")
    return value


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=[*MODELS, *VITS], default="resnet-small", help="whose training step (default resnet-small)")
    parser.add_argument("--batch", type=at_least_one, default=32, help="images in the training step (default 32)")
    parser.add_argument("--steps", type=at_least_one, default=20, help="measured calls; the median is shown (default 20)")
    parser.add_argument("--threads", type=at_least_one, help="CPU threads (default: torch's own choice)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--amp", action="store_true", help="float16 autocast with loss scaling, and float16 kernels; CUDA only")
    parser.add_argument("--channels-last", action="store_true", help="NHWC in memory")
    parser.add_argument("--filter", default="", metavar="TEXT", help="only the jobs whose names have it")
    parser.add_argument("--json", metavar="FILE", help="write the rows and the versions there")
    options = parser.parse_args()
    if options.amp and options.device != "cuda":
        parser.error("--amp needs --device cuda")
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch finds no CUDA device here")
    return options


def main():
    options = parse()
    torch.manual_seed(7)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = True
    place = Place(options.device, options.amp, options.channels_last)
    print(f"PyTorch {torch.__version__} (BLAS: {blas()}), {place.name()}; medians of {options.steps}\n")
    rows = []
    print("| job | PyTorch, ms |\n| --- | ---: |")
    for name, prepare in jobs(options.model, options.batch, place):
        if options.filter not in name:
            continue
        ms = measure(prepare(), options.steps, place)
        rows.append({"name": name, "ms": {"torch": ms}})
        print(f"| {name} | {ms:.2f} |", flush=True)
        if name.startswith("training step"):
            print(f"\n{options.batch / ms * 1000:.1f} images/s")
    if options.json:
        content = {
            "command": " ".join(["python3", *sys.argv]),
            "date": datetime.now(timezone.utc).isoformat(),
            "device": place.name(),
            "versions": {"torch": torch.__version__, "blas": blas(), "python": sys.version.split()[0]},
            "rows": rows,
        }
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, ensure_ascii=False)
            file.write("\n")


if __name__ == "__main__":
    main()
