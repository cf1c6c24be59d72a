"""A data set small enough to train on in seconds: class `da` is dark, class `li` is light."""

import json
import zipfile

import pytest
import torch
from tiny_pictures import picture_bytes

torch.set_num_threads(1)  # such small networks only wait for a second thread

LEVELS = {"da": 60, "li": 200}


@pytest.fixture
def class_folders(tmp_path):
    root = tmp_path / "pictures"
    for code, level in LEVELS.items():
        (root / code).mkdir(parents=True)
        for index in range(12):
            path = root / code / f"{code}-N{index:03d}.png"
            path.write_bytes(picture_bytes(level, seed=index))
    return root


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "tiny.zip"
    labels = []
    with zipfile.ZipFile(path, "w") as archive:
        for label, level in enumerate(LEVELS.values()):
            for index in range(16):
                name = f"{label}/{index}.png"
                archive.writestr(name, picture_bytes(level, seed=index))
                labels.append([name, label])
        archive.writestr("dataset.json", json.dumps({"classes": list(LEVELS), "labels": labels}))
    return path
