"""Loads images as torchvision does, for bench/loader: ImageFolder, Pillow, RandomResizedCrop(224) and a flip, and DataLoader's worker processes.

    echo 20 | python3 bench/torch_loader.py DIR/train --workers 2        # batches to load and time; an answer in JSON for each line

Batches are bytes (PILToTensor), or with --floats what networks are usually given: ToTensor and Normalize. Each line of the input is a number of batches; before they
are timed, as many are taken as the workers hold ready. Needs torch and torchvision 0.13 or newer. bench/loader.js calls it where a Python with both is found.
"""

import argparse
import json
import os
import resource
import sys
import time

import torch
import torchvision
from PIL import __version__ as pillow
from torchvision import transforms
from torchvision.datasets import ImageFolder

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PREFETCH = 2


def cpu_ms(workers):
    """Processor time of this process and of the workers."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    for worker in workers:
        try:
            with open(f"/proc/{worker.pid}/stat", encoding="utf-8") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return None
    return total * 1000


def epochs(loader, state):
    while True:
        state["iterator"] = iter(loader)
        yield from state["iterator"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="one folder of images for each class")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--floats", action="store_true", help="ToTensor and Normalize in place of bytes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(7)
    end = [transforms.ToTensor(), transforms.Normalize(MEAN, STD)] if options.floats else [transforms.PILToTensor()]
    steps = [transforms.RandomResizedCrop(options.size), transforms.RandomHorizontalFlip(), *end]
    loader = torch.utils.data.DataLoader(
        ImageFolder(options.folder, transforms.Compose(steps)),
        batch_size=options.batch,
        shuffle=True,
        drop_last=True,
        num_workers=options.workers,
        prefetch_factor=PREFETCH,
        persistent_workers=True,
    )
    state = {}
    batches = epochs(loader, state)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "Pillow": pillow}
    for line in sys.stdin:
        count = int(line)
        for _ in range(PREFETCH * options.workers):
            next(batches)
        workers = getattr(state["iterator"], "_workers", [])
        before, start = cpu_ms(workers), time.perf_counter()
        for _ in range(count):
            next(batches)
        seconds = time.perf_counter() - start
        after = cpu_ms(workers)
        cpu = None if before is None or after is None else after - before
        print(json.dumps({"seconds": seconds, "cpu": cpu, "images": count * options.batch, "versions": versions}), flush=True)


if __name__ == "__main__":
    main()
