"""Pictures of noise about a level, encoded."""

import io

import numpy as np
from PIL import Image


def picture_bytes(level, size=16, seed=0, suffix="png"):
    noise = np.random.default_rng(seed).integers(-20, 20, (size, size, 3))
    buffer = io.BytesIO()
    Image.fromarray((level + noise).astype(np.uint8)).save(buffer, suffix)
    return buffer.getvalue()
