"""Reads encoder.safetensors (prune.py says how it is laid out): for the networks in PyTorch and ONNX."""
import os

import numpy as np
from safetensors import safe_open

HERE = os.path.dirname(os.path.abspath(__file__))


def dequantised(blocks):
    """Q4_0 blocks (rows, blocks, 18) as float32 (rows, 32 * blocks)."""
    scale = blocks[:, :, :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[:, :, 2:] & 15, blocks[:, :, 2:] >> 4], axis=2).astype(np.float32) - 8
    return (halves * scale).reshape(blocks.shape[0], -1)


def weights(path=os.path.join(HERE, "encoder.safetensors")):
    """All tensors by name, those of 4 bits as float32, and the file's facts."""
    with safe_open(path, "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        facts = file.metadata()
    for name, value in tensors.items():
        if value.dtype == np.uint8 and not name.startswith("tokens."):
            tensors[name] = dequantised(value)
    return tensors, facts
