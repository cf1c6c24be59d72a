import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import shared_run
import torch
from torch import nn

from training import distributed
from training.discriminator import MinibatchStdLayer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(tiny_data, tmp_path_factory):
    """What one process and two make of the same run; the two as `torchrun` would start them."""
    folder = tmp_path_factory.mktemp("processes")
    shared_run.main(str(tiny_data), folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    shared |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            [sys.executable, shared_run.__file__, tiny_data, folder],
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    for process in started:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    return [json.loads((folder / f"{count}.json").read_text()) for count in (1, 2)]


def test_two_processes_have_the_losses_of_one(found):
    one, two = found
    assert two["ranks"] == [0, 1]
    assert len(one["losses"]) == 4
    for a, b in zip(one["losses"], two["losses"], strict=True):
        assert a == pytest.approx(b, abs=1e-5)
    assert one["losses"][0]["loss_d"] != pytest.approx(one["losses"][3]["loss_d"], abs=1e-3)


def test_two_processes_have_the_weights_of_one(found):
    one, two = found
    for part, norms in one["weights"].items():
        assert norms == pytest.approx(two["weights"][part], rel=1e-4, abs=1e-5), part
    assert one["w_avg"] == pytest.approx(two["w_avg"], abs=1e-6)


def test_two_processes_go_on_exactly(found):
    assert found[1]["resumed"] == pytest.approx(found[1]["whole"], abs=1e-5)


def test_parts_are_whole_groups_of_the_minibatch(monkeypatch):
    """Each process computes the deviations that a single one computes for its samples."""
    x = torch.randn(16, 2, 4, 4)
    whole = MinibatchStdLayer()(x)
    monkeypatch.setattr(distributed, "count", lambda: 2)
    seen = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        part = distributed.part(16)
        assert torch.allclose(MinibatchStdLayer()(x[part]), whole[part])
        seen += part.tolist()
    assert sorted(seen) == list(range(16))


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    monkeypatch.setattr(distributed, "count", lambda: 3)
    with pytest.raises(ValueError, match="batch: 16 is not allowed; allowed: a multiple of 12"):
        distributed.part(16)


def test_gradients_are_averaged_before_the_step(monkeypatch):
    """Another process's gradients are twice as large here."""
    monkeypatch.setattr(distributed, "count", lambda: 2)
    monkeypatch.setattr(distributed, "mean", lambda value: (value + 2 * value) / 2)
    layer = nn.Linear(3, 2)
    unused = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([*layer.parameters(), unused], lr=1.0)
    distributed.average_gradients(optimizer)
    before = layer.weight.detach().clone()
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    assert torch.allclose(layer.weight, before - 1.5)
    assert unused.item() == 1


def test_alone_everything_is_the_identity():
    x = torch.randn(3)
    assert distributed.mean(x) is x
    assert distributed.gather(x) == [x]
    assert distributed.part(5).tolist() == [0, 1, 2, 3, 4]
    with distributed.processes():
        assert (distributed.rank(), distributed.count(), distributed.first()) == (0, 1, True)
