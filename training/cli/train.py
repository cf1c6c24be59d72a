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
    conditional: Annotated[
        bool,
        typer.Option("--conditional/--unconditional", help="use or ignore the data set's classes"),
    ] = True,
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
    pl_weight: Annotated[float, typer.Option(help="path length penalty; published: 2")] = 0.0,
    style_mixing: Annotated[
        float, typer.Option(help="part of the fakes with two latents; published: 0.9")
    ] = 0.0,
    augment: Annotated[str, typer.Option(help="none, ada or diffaugment")] = "diffaugment",
    ada_target: float = 0.6,
    ada_kimg: Annotated[float, typer.Option(help="in which p travels from 0 to 1")] = 500.0,
    freeze_d: Annotated[
        int, typer.Option(help="layers of the discriminator to freeze, from the picture on")
    ] = 0,
    transfer: Annotated[
        str, typer.Option(help="what to take from --init: none, g, d, gd or hyper")
    ] = "none",
    ramp_kimg: Annotated[
        float, typer.Option(help="in which the class signal grows to its full strength")
    ] = 0.0,
    ema_kimg: float = 2.0,
    ema_rampup: float = 0.05,
    tick_kimg: float = 1.0,
    metric_features: Annotated[
        Path | None, typer.Option(help="ONNX feature network: the best by KID is kept")
    ] = None,
    metric_kimg: Annotated[float, typer.Option(help="between two measurements")] = 5.0,
    precision: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16")] = "auto",
    seed: int = 0,
) -> None:
    """Train a generator, or go on with one."""
    from training import checkpoint
    from training.loop import Training

    if resume and init:
        raise ValueError("--resume and --init: only one of them is allowed")
    if transfer != "none" and not init:
        raise ValueError("--transfer: needs --init, the checkpoint to take from")
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
        conditional=conditional,
        discriminator=discriminator,
        batch=batch,
        lr_g=lr_g,
        lr_d=lr_d,
        r1_gamma=r1_gamma,
        pl_weight=pl_weight,
        style_mixing=style_mixing,
        augment=augment,
        ada_target=ada_target,
        ada_kimg=ada_kimg,
        freeze_d=freeze_d,
        transfer=transfer,
        ramp_kimg=ramp_kimg,
        ema_kimg=ema_kimg,
        ema_rampup=ema_rampup,
        tick_kimg=tick_kimg,
        metric_features=str(metric_features or ""),
        metric_kimg=metric_kimg,
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
