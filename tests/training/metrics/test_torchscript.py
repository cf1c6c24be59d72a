"""Feature networks as TorchScript, called as the published metrics call them."""

import io
import warnings
import zipfile

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from training.metrics import FeatureNetwork, features


class Detector(nn.Module):
    """Logits, or the features behind them, as the published Inception file has it."""

    def forward(self, x: Tensor, return_features: bool = False) -> Tensor:
        means = x.float().mean(dim=(2, 3))
        return means if return_features else means.sum(dim=1, keepdim=True)


class Plain(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.float().amax(dim=(2, 3))


class Maps(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.float()


class Reader(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.float().mean(dim=(2, 3)) + torch.from_file("/etc/hostname", False, 1)


class Writer(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        torch.save(x, "/tmp/written-by-a-network")
        return x.float().mean(dim=(2, 3))


def saved(tmp_path, module):
    path = tmp_path / "net.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(module), path)
    return path


def pictures():
    return np.random.default_rng(0).integers(0, 256, (20, 9, 12, 3), np.uint8)


def test_features_are_asked_for_and_pictures_left_as_they_are(tmp_path):
    network = FeatureNetwork(saved(tmp_path, Detector()))
    np.testing.assert_allclose(network(pictures()), pictures().mean(axis=(1, 2)), rtol=1e-5)


def test_float_pictures_arrive_on_the_same_scale(tmp_path):
    network = FeatureNetwork(saved(tmp_path, Detector()))
    levels = pictures().astype(np.float32) / 255
    np.testing.assert_allclose(network(levels), network(pictures()), rtol=1e-5)


def test_a_network_without_that_argument_is_simply_called(tmp_path):
    network = FeatureNetwork(saved(tmp_path, Plain()))
    np.testing.assert_allclose(network(pictures()), pictures().max(axis=(1, 2)))


def test_fid_is_named_by_content(tmp_path, monkeypatch):
    path = saved(tmp_path, Detector())
    assert FeatureNetwork(path).distance == "FD"
    monkeypatch.setattr(features, "INCEPTION", FeatureNetwork(path).digest)
    assert FeatureNetwork(path).distance == "FID"


@pytest.mark.parametrize("module", [Reader(), Writer()])
def test_a_program_that_opens_files_is_refused(tmp_path, module):
    with pytest.raises(ValueError, match=r"net\.pt: its program calls '(save|from_file)"):
        FeatureNetwork(saved(tmp_path, module))


def test_a_program_with_foreign_operators_is_refused(tmp_path):
    path, changed = saved(tmp_path, Plain()), tmp_path / "foreign.pt"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            code = source.read(name)
            if name.endswith(".py"):
                code = code.replace(b"torch.amax(", b"ops.image.read_file(")
            target.writestr(name, code)
    with pytest.raises(ValueError, match=r"foreign\.pt: its program calls 'ops\.image\.read_file"):
        FeatureNetwork(changed)


def test_what_gives_no_features_is_named(tmp_path):
    network = FeatureNetwork(saved(tmp_path, Maps()))
    with pytest.raises(ValueError, match=r"net\.pt: does not give features"):
        network(pictures())


def test_an_archive_that_is_no_torchscript_is_named(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    path = tmp_path / "net.pt"
    for content in (buffer.getvalue(), b"PK\x03\x04 cut short"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"net\.pt: cannot be read as TorchScript") as caught:
            FeatureNetwork(path)
        assert "\n" not in str(caught.value)
