"""`train`: options to a run.

They are checked before anything is loaded.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from training.cli.console import console
from training.config import TrainConfig
from training.network import GeneratorConfig


def train(
    data: Annotated[Path, typer.Option(help="data set archive")],
    run: Annotated[Path, typer.Option(help="folder for the log, samples and checkpoint")],
    kimg: Annotated[
        float,
        typer.Option(help="length: thousands of real pictures shown, counted over all stages"),
    ],
    resolution: Annotated[int, typer.Option(help="edge of the pictures")] = 64,
    discriminator: Annotated[str, typer.Option(help="projected or stylegan2")] = "projected",
    resume: Annotated[
        Path | None,
        typer.Option(help="go on from this checkpoint, with its options in place of those below"),
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(help="start from this checkpoint's networks, at its resolution or twice it"),
    ] = None,
    z_dim: int = 128,
    w_dim: int = 128,
    mapping_layers: int = 2,
    mapping_lr: float = 0.01,
    channel_base: int = 2048,
    channel_max: int = 128,
    latent_input: Annotated[
        bool, typer.Option(help="draw the 4x4 input from the latent too")
    ] = False,
    batch: int = 16,
    lr_g: float = 2e-3,
    lr_d: float = 5e-4,
    r1_gamma: float = 1.0,
    ada_target: float = 0.6,
    ema_kimg: float = 2.0,
    tick_kimg: float = 1.0,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16")] = "auto",
    seed: int = 0,
) -> None:
    """Train a generator, or go on with one."""
    from training import checkpoint
    from training.loop import Training

    if resume and init:
        raise ValueError("--resume and --init: only one of them is allowed")
    config = TrainConfig(
        data=str(data),
        run=str(run),
        kimg=kimg,
        generator=GeneratorConfig(
            resolution=resolution,
            z_dim=z_dim,
            w_dim=w_dim,
            mapping_layers=mapping_layers,
            mapping_lr=mapping_lr,
            channel_base=channel_base,
            channel_max=channel_max,
            latent_input=latent_input,
        ),
        discriminator=discriminator,
        batch=batch,
        lr_g=lr_g,
        lr_d=lr_d,
        r1_gamma=r1_gamma,
        ada_target=ada_target,
        ema_kimg=ema_kimg,
        tick_kimg=tick_kimg,
        precision=precision,
        seed=seed,
    )
    resumed = checkpoint.load(resume) if resume else None
    initial = checkpoint.load(init) if init else None
    if resumed:
        config = replace(resumed.config, data=str(data), run=str(run), kimg=kimg)
    if initial:
        shape = replace(initial.config.generator, resolution=resolution)
        config = replace(config, generator=shape)
    console.print(config.to_json(), highlight=False)
    Training(config, resumed, initial).run(console)
