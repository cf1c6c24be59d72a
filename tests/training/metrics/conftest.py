"""What several tests of the metrics measure with."""

import io
import json
import zipfile

import numpy as np
import onnx
import pytest
from cell_network import CODES, PER_CLASS, cell_network
from PIL import Image


@pytest.fixture(scope="session")
def network_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("network") / "cells.onnx"
    onnx.save(cell_network(), path)
    return path


@pytest.fixture(scope="session")
def cloud_data(tmp_path_factory):
    """Pictures of all cloud types, each type with a colour of its own."""
    rng = np.random.default_rng(0)
    path, labels = tmp_path_factory.mktemp("data") / "clouds.zip", []
    with zipfile.ZipFile(path, "w") as archive:
        for label in range(len(CODES)):
            angle = 2 * np.pi * label / len(CODES)
            colour = 125 + 75 * np.array([np.cos(angle), np.sin(angle), 0])
            for index in range(PER_CLASS):
                cells = np.clip(colour + rng.normal(0, 5, (8, 8, 3)), 0, 255).astype(np.uint8)
                buffer = io.BytesIO()
                Image.fromarray(cells).resize((256, 256), 0).save(buffer, "png", compress_level=1)
                labels.append([f"{label}/{index}.png", label])
                archive.writestr(labels[-1][0], buffer.getvalue())
        archive.writestr("dataset.json", json.dumps({"classes": CODES, "labels": labels}))
    return path
