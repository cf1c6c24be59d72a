"""Runs for the test of several processes: started by itself it is one, by `torchrun` it is many.

python shared_run.py DATA FOLDER      writes FOLDER/<count>.json
"""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console

from training import checkpoint, distributed
from training.config import TrainConfig
from training.loop import Training
from training.network import GeneratorConfig

SHAPE = GeneratorConfig(resolution=8, z_dim=16, w_dim=16, channel_base=64, channel_max=8)
STEPS, BATCH = 4, 16


def shared(config: TrainConfig) -> dict[str, object]:
    """Losses of each step and a sum of the weights, of a run without noise or augmentation: what
    these draw is each process's own."""
    training = Training(config)
    for name, parameter in training.generator.named_parameters():
        parameter.requires_grad_(not name.endswith("noise_strength"))
    losses = [training.step() for _ in range(STEPS)]
    state = training.state()
    weights = {part: digest(state.parts[part]) for part in ("G", "G_ema", "D", "opt_g", "opt_d")}
    return {
        "losses": losses,
        "weights": weights,
        "w_avg": state.parts["G"]["mapping.w_avg"].tolist(),
    }


def stopped(config: TrainConfig) -> dict[str, object]:
    """The weights of a run with noise and augmentation in one go, and in two."""
    whole = finished(config)
    half = finished(replace(config, run=config.run + "-2", kimg=config.kimg / 2))
    resumed = finished(replace(config, run=config.run + "-3"), half)
    return {"whole": digest(whole.parts["G"]), "resumed": digest(resumed.parts["G"])}


def finished(config: TrainConfig, resume: checkpoint.Checkpoint | None = None):
    """The end of a run, as each process has it."""
    training = Training(config, resume)
    training.run(Console(file=io.StringIO()))
    return training.state()


def digest(tensors: dict[str, torch.Tensor]) -> list[float]:
    """The norm of each tensor."""
    return [float(tensor.double().norm()) for tensor in tensors.values()]


def main(data: str, folder: Path) -> None:
    torch.set_num_threads(1)
    with distributed.processes():
        count = distributed.count()
        config = TrainConfig(
            data=data,
            run=str(folder / f"run{count}"),
            kimg=4 * BATCH / 1000,
            generator=SHAPE,
            discriminator="stylegan2",
            augment="none",
            batch=BATCH,
            precision="float32",
        )
        found = shared(config)
        if count > 1:
            found |= stopped(replace(config, augment="diffaugment"))
            found["ranks"] = [
                int(rank) for rank in distributed.gather(torch.tensor([distributed.rank()]))
            ]
        if distributed.first():
            (folder / f"{count}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
