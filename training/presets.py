"""Ready-made options, by resolution.

`sky*`: a small generator against the projected discriminator, what the default model was trained
with. `stylegan2-*`: the published settings of StyleGAN2-ADA for one GPU (Karras et al. 2020, arXiv
2006.06676, its `auto` configuration). Any option that is given by name takes the place of the
preset's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from training.config import TrainConfig
from training.network import GeneratorConfig

DEFAULT = "sky64"
SHAPE = tuple(f.name for f in fields(GeneratorConfig) if f.name != "classes")

_SKY = {
    "z_dim": 128,
    "w_dim": 128,
    "mapping_lr": 0.1,
    "channel_base": 2048,
    "channel_max": 128,
    "channel_min": 16,
    "latent_input": True,
}
_STYLEGAN2 = {
    "z_dim": 512,
    "w_dim": 512,
    "channel_max": 512,
    "conv_clamp": 256.0,
    "discriminator": "stylegan2",
    "augment": "ada",
    "style_mixing": 0.9,
    "pl_weight": 2.0,
    "lr_g": 2.5e-3,
}


def _sky(resolution: int, lr_g: float, ema_kimg: float) -> dict[str, Any]:
    return {**_SKY, "resolution": resolution, "lr_g": lr_g, "ema_kimg": ema_kimg}


def _stylegan2(resolution: int, channel_base: int, batch: int) -> dict[str, Any]:
    own = {
        "channel_base": channel_base,
        "batch": batch,
        "r1_gamma": 2e-4 * resolution**2 / batch,  # the published rule of thumb
        "ema_kimg": batch * 10 / 32,
    }
    return {**_STYLEGAN2, "resolution": resolution, **own}


PRESETS: dict[str, dict[str, Any]] = {
    "sky64": _sky(64, lr_g=2e-3, ema_kimg=2),
    "sky128": _sky(128, lr_g=1e-3, ema_kimg=4),
    "sky256": _sky(256, lr_g=1e-3, ema_kimg=3),
    "stylegan2-64": _stylegan2(64, channel_base=16384, batch=32),
    "stylegan2-128": _stylegan2(128, channel_base=16384, batch=32),
    "stylegan2-256": _stylegan2(256, channel_base=16384, batch=16),
    "stylegan2-512": _stylegan2(512, channel_base=32768, batch=8),
    "stylegan2-1024": {**_stylegan2(1024, channel_base=32768, batch=4), "lr_g": 2e-3},
}


def options(preset: str) -> dict[str, Any]:
    """The options of a preset, those of the generator's shape among them."""
    if preset not in PRESETS:
        raise ValueError(f"preset: {preset!r} is not allowed; allowed: {', '.join(PRESETS)}")
    return PRESETS[preset]


def configure(options: Mapping[str, Any]) -> TrainConfig:
    """A checked configuration of flat options: those of the generator's shape beside the others."""
    rest = {name: value for name, value in options.items() if name not in SHAPE}
    return TrainConfig(**rest, generator=shape(options))


def shape(options: Mapping[str, Any]) -> GeneratorConfig:
    """The generator's shape among flat options."""
    return GeneratorConfig(**{name: options[name] for name in SHAPE if name in options})


def flat(config: TrainConfig) -> dict[str, Any]:
    """Inverse of `configure`."""
    shape = {name: getattr(config.generator, name) for name in SHAPE}
    rest = {f.name: getattr(config, f.name) for f in fields(config) if f.name != "generator"}
    return {**rest, **shape}


def beginning_with(source: TrainConfig, preset: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a run that begins with the networks of another: its shape, but for the resolution
    of a preset that is named; the preset's other options, or its own without one."""
    inherited = flat(source)
    if preset:
        shape = {name: inherited[name] for name in SHAPE if name != "resolution"}
        inherited = {**options(preset), **shape}
    transfers = given.get("transfer", "none") != "none"
    conditional = transfers or source.generator.classes > 0
    return {**inherited, "transfer": "none", "conditional": conditional}
