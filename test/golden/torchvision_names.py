"""Names and shapes of what torchvision's networks load (torchvision-names.json), without torch's own counters of batches, which it does not ask for: python3 torchvision_names.py"""

import json
import pathlib

import torchvision

NETWORKS = ["resnet18"]


def tensors(name):
    state = torchvision.models.get_model(name).state_dict()
    return {key: list(value.shape) for key, value in state.items() if not key.endswith("num_batches_tracked")}


made = {"torchvision": torchvision.__version__, **{name: tensors(name) for name in NETWORKS}}
text = json.dumps(made, separators=(",", ":")).replace('],"', '],\n"')
pathlib.Path(__file__).with_name("torchvision-names.json").write_text(text + "\n")
